// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Removes trees name by name in open directories: no link is followed, and nothing that is mounted there is entered.
final class TreeRemoval {
    private static final int EISDIR = -Errno.EISDIR.value();

    private final TreeCalls calls;

    TreeRemoval(TreeCalls calls) {
        this.calls = calls;
    }

    /// Says what stays.
    interface Kept {
        /// Whether what is at this path stays.
        boolean keeps(LayerPath path);
    }

    private record Level(Fd directory, byte[] name, Deque<byte[]> left) {}

    /// Removes a name with all that is below it. It is no error if there is none.
    void remove(Fd at, byte[] name) throws IOException {
        if (removed(at, name)) {
            return;
        }
        Deque<Level> levels = new ArrayDeque<>();
        try {
            levels.push(level(at, name));
            while (!levels.isEmpty()) {
                Level level = levels.getFirst();
                byte[] next = level.left().poll();
                if (next != null) {
                    if (!removed(level.directory(), next)) {
                        levels.push(level(level.directory(), next));
                    }
                    continue;
                }
                levels.pop().directory().close();
                calls.removeDirectory(levels.isEmpty() ? at : levels.getFirst().directory(), level.name());
            }
        } finally {
            for (Level level : levels) {
                level.directory().close();
            }
        }
    }

    private Level level(Fd at, byte[] name) throws ErrnoException {
        long opened = calls.tryDirectory(at, name);
        if (DirectoryChain.failed(opened, Errno.EACCES)) {
            calls.directoryMode(at, name, 0700);
            opened = calls.tryDirectory(at, name);
        }
        Fd directory = new Fd((int) TreeCalls.check(opened, "openat2", name));
        try {
            calls.mode(directory, 0700);
            return new Level(directory, name, names(directory));
        } catch (ErrnoException e) {
            directory.close();
            throw e;
        }
    }

    private Deque<byte[]> names(Fd directory) throws ErrnoException {
        Deque<byte[]> all = new ArrayDeque<>();
        for (List<byte[]> some = calls.names(directory); !some.isEmpty(); some = calls.names(directory)) {
            all.addAll(some);
        }
        return all;
    }

    private boolean removed(Fd at, byte[] name) throws ErrnoException {
        long result = calls.tryRemove(at, name);
        if (result == EISDIR) {
            return false;
        }
        if (result != -Errno.ENOENT.value()) {
            TreeCalls.check(result, "unlinkat", name);
        }
        return true;
    }

    /// Removes what is in a directory but for what is kept, which it looks for in kept directories too.
    void clear(Fd directory, LayerPath path, Kept kept) throws IOException {
        for (byte[] name : names(directory)) {
            LayerPath inside = path.resolve(name);
            if (!kept.keeps(inside)) {
                remove(directory, name);
                continue;
            }
            TreeCalls.Status status = calls.status(directory, name);
            if (status != null && status.isDirectory()) {
                try (Fd below = calls.directory(directory, name)) {
                    clear(below, inside, kept);
                }
            }
        }
    }
}
