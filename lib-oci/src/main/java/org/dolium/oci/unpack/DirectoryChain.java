// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.jspecify.annotations.Nullable;

/// The open directories on the way to where the last entry was: the next one is mostly near it. Each is opened in the one above
/// it, and none through a link.
final class DirectoryChain implements AutoCloseable {
    /// Takes note of what is done to directories on the way.
    interface Notes {
        /// One was made because something is in it.
        void made(LayerPath path) throws LayerException;

        /// One is opened, if it is there.
        ///
        /// @param at what it is in
        void entering(Fd at, LayerPath path) throws IOException;
    }

    private final TreeCalls calls;
    private final Fd root;
    private final Notes notes;
    private final List<byte[]> names = new ArrayList<>();
    private final List<Fd> open = new ArrayList<>();

    /// @param root stays open
    DirectoryChain(TreeCalls calls, Fd root, Notes notes) {
        this.calls = calls;
        this.root = root;
        this.notes = notes;
    }

    /// The directory, made where it is not there. It belongs to this chain and is open until the next use.
    Fd enter(LayerPath directory) throws IOException {
        Fd entered = walk(directory, true);
        if (entered == null) {
            throw new AssertionError("a walk that makes directories arrives");
        }
        return entered;
    }

    /// The directory, or null if it is not there.
    @Nullable Fd find(LayerPath directory) throws IOException {
        return walk(directory, false);
    }

    private @Nullable Fd walk(LayerPath directory, boolean make) throws IOException {
        byte[][] wanted = directory.names();
        int same = 0;
        while (same < wanted.length && same < names.size() && Arrays.equals(wanted[same], names.get(same))) {
            same++;
        }
        closeFrom(same);
        LayerPath path = LayerPath.ROOT;
        for (int i = 0; i < wanted.length; i++) {
            path = path.resolve(wanted[i]);
            if (i >= same && !step(path, wanted[i], make)) {
                return null;
            }
        }
        return last();
    }

    /// What is in the way to a directory, which was just refused; null if there is nothing.
    @Nullable Obstacle obstacle(LayerPath directory) throws IOException {
        byte[][] wanted = directory.names();
        if (names.size() >= wanted.length) {
            return null;
        }
        LayerPath path = LayerPath.ROOT;
        for (int i = 0; i <= names.size(); i++) {
            path = path.resolve(wanted[i]);
        }
        TreeCalls.@Nullable Status status = calls.status(last(), path.name());
        return status == null ? null : new Obstacle(path, status);
    }

    /// Something that is no directory where one has to be.
    record Obstacle(LayerPath path, TreeCalls.Status status) {}

    private Fd last() {
        return open.isEmpty() ? root : open.getLast();
    }

    private boolean step(LayerPath path, byte[] name, boolean make) throws IOException {
        notes.entering(last(), path);
        long opened = calls.tryDirectory(last(), name);
        if (opened == -Errno.ENOENT.value()) {
            if (!make) {
                return false;
            }
            TreeCalls.check(calls.tryMakeDirectory(last(), name), "mkdirat", name);
            notes.made(path);
            opened = calls.tryDirectory(last(), name);
        }
        if (opened == -Errno.ELOOP.value() || opened == -Errno.ENOTDIR.value()) {
            throw new LayerException("its path leads through " + path + ", which is a link or file");
        }
        if (opened == -Errno.EXDEV.value()) {
            throw new LayerException("its path leads through " + path + ", where something is mounted");
        }
        open.add(new Fd((int) TreeCalls.check(opened, "openat2", name)));
        names.add(name);
        return true;
    }

    /// Before a path is removed: what is open there is closed.
    void forget(LayerPath path) {
        byte[][] gone = path.names();
        int same = 0;
        while (same < gone.length && same < names.size() && Arrays.equals(gone[same], names.get(same))) {
            same++;
        }
        if (same == gone.length) {
            closeFrom(same - 1);
        }
    }

    private void closeFrom(int depth) {
        while (open.size() > Math.max(0, depth)) {
            open.removeLast().close();
            names.removeLast();
        }
    }

    @Override
    public void close() {
        closeFrom(0);
    }

    static boolean failed(long result, Errno errno) {
        return Kernel.failed(result) && Kernel.errno(result).equals(errno);
    }
}
