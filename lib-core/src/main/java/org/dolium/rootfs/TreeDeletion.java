// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Deletes a tree that somebody hostile has written, and may still write: name by name in open directories. No link is followed, no
/// mount is entered, and permissions change only of what was opened before. A name may be any bytes.
public final class TreeDeletion {
    private static final long WITHOUT_MOUNTS = DirectoryCalls.BENEATH | 0x01; // RESOLVE_NO_XDEV
    private static final int OWN_ALL = 0700;

    private final DirectoryCalls calls;

    private record Level(Fd directory, byte[] name, List<byte[]> left) {}

    private TreeDeletion(DirectoryCalls calls) {
        this.calls = calls;
    }

    /// Deletes a directory and all that is in it. It is no error if there is none.
    ///
    /// @throws IOException if something can't be deleted; what was deleted before is gone
    public static void delete(Path directory) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null);
                Fd parent = Fd.open(directory.getParent().toString(), DirectoryCalls.O_PATH | DirectoryCalls.O_DIRECTORY, 0)) {
            new TreeDeletion(calls).remove(parent, directory.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void remove(Fd at, byte[] first) throws IOException {
        if (removed(at, first)) {
            return;
        }
        Deque<Level> levels = new ArrayDeque<>();
        try {
            levels.push(level(at, first));
            while (!levels.isEmpty()) {
                Level level = levels.getFirst();
                if (level.left().isEmpty()) {
                    levels.pop().directory().close();
                    Fd parent = levels.isEmpty() ? at : levels.getFirst().directory();
                    DirectoryCalls.check(calls.tryRemove(parent, level.name(), true), "unlinkat", level.name());
                } else {
                    byte[] next = level.left().removeLast();
                    if (!removed(level.directory(), next)) {
                        levels.push(level(level.directory(), next));
                    }
                }
            }
        } finally {
            for (Level level : levels) {
                level.directory().close();
            }
        }
    }

    /// Removes what is no directory.
    private boolean removed(Fd at, byte[] file) throws ErrnoException {
        long result = calls.tryRemove(at, file, false);
        if (result == -Errno.EISDIR.value()) {
            return false;
        }
        if (result != -Errno.ENOENT.value()) {
            DirectoryCalls.check(result, "unlinkat", file);
        }
        return true;
    }

    /// Overlayfs leaves a work directory with no permissions at all, and a command may leave others so.
    private Level level(Fd at, byte[] directory) throws ErrnoException {
        long opened = open(at, directory, 0);
        if (opened == -Errno.EACCES.value()) {
            long handle = DirectoryCalls.check(open(at, directory, DirectoryCalls.O_PATH), "openat2", directory);
            try (Fd closed = new Fd((int) handle)) {
                permit(closed, directory);
            }
            opened = open(at, directory, 0);
        }
        Fd descriptor = new Fd((int) DirectoryCalls.check(opened, "openat2", directory));
        try {
            permit(descriptor, directory);
            List<byte[]> names = new ArrayList<>();
            while (calls.names(descriptor, names)) {
                // there may be more
            }
            return new Level(descriptor, directory, names);
        } catch (ErrnoException e) {
            descriptor.close();
            throw e;
        }
    }

    private long open(Fd at, byte[] directory, int flags) {
        return calls.tryOpen(at, directory, flags | DirectoryCalls.O_DIRECTORY, 0, WITHOUT_MOUNTS);
    }

    private void permit(Fd handle, byte[] directory) throws ErrnoException {
        DirectoryCalls.check(calls.tryMode(handle, OWN_ALL), "fchmodat", directory);
    }
}
