// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;

/// Deletes a tree that somebody hostile has written, and may still write: name by name in open directories. No link is followed, no
/// mount is entered, and permissions change only of what was opened before. A name may be any bytes.
public final class TreeDeletion {
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    private static final int O_DIRECTORY = OpenFlags.directory(Kernel.ARCH);
    private static final long RESOLVE_CAREFULLY = 0x01 | 0x02 | 0x04 | 0x08; // no mounts, no magic links, no links, beneath
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_FDCWD = -100;
    private static final int OWN_ALL = 0700;
    private static final int NAME = 19; // where it is in struct linux_dirent64
    private static final int LENGTH = 16;
    private static final int HOW = 24; // the size of struct open_how
    private static final int RETRIES = 100;

    private final Memory name;
    private final Memory how;
    private final Memory entries;

    private record Level(Fd directory, byte[] name, Deque<byte[]> left) {}

    private TreeDeletion(Arena arena) {
        this.name = Memory.allocate(arena, 4096);
        this.how = Memory.allocate(arena, HOW);
        this.entries = Memory.allocate(arena, 1 << 15);
    }

    /// Deletes a directory and all that is in it. It is no error if there is none.
    ///
    /// @throws IOException if something can't be deleted; what was deleted before is gone
    public static void delete(Path directory) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Fd parent = Fd.open(directory.getParent().toString(), O_PATH | O_DIRECTORY, 0)) {
            new TreeDeletion(arena).remove(parent, directory.getFileName().toString().getBytes(StandardCharsets.UTF_8));
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
                byte[] next = level.left().poll();
                if (next == null) {
                    levels.pop().directory().close();
                    check(unlink(levels.isEmpty() ? at : levels.getFirst().directory(), level.name(), AT_REMOVEDIR), "unlinkat", level.name());
                } else if (!removed(level.directory(), next)) {
                    levels.push(level(level.directory(), next));
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
        long result = unlink(at, file, 0);
        if (result == -Errno.EISDIR.value()) {
            return false;
        }
        if (result != -Errno.ENOENT.value()) {
            check(result, "unlinkat", file);
        }
        return true;
    }

    private long unlink(Fd at, byte[] file, int flags) {
        return Kernel.call(Sys.UNLINKAT, at.number(), put(file), flags);
    }

    /// Overlayfs leaves a work directory with no permissions at all, and a command may leave others so.
    private Level level(Fd at, byte[] directory) throws ErrnoException {
        long opened = open(at, directory, O_DIRECTORY);
        if (opened == -Errno.EACCES.value()) {
            try (Fd handle = new Fd((int) check(open(at, directory, O_PATH | O_DIRECTORY), "openat2", directory))) {
                permit(handle);
            }
            opened = open(at, directory, O_DIRECTORY);
        }
        Fd descriptor = new Fd((int) check(opened, "openat2", directory));
        try {
            permit(descriptor);
            return new Level(descriptor, directory, names(descriptor));
        } catch (ErrnoException e) {
            descriptor.close();
            throw e;
        }
    }

    private long open(Fd at, byte[] directory, int flags) {
        how.putLong(0, flags | O_CLOEXEC);
        how.putLong(8, 0);
        how.putLong(16, RESOLVE_CAREFULLY);
        long opened = -Errno.EAGAIN.value();
        for (int i = 0; i < RETRIES && opened == -Errno.EAGAIN.value(); i++) { // somebody renames something
            opened = Kernel.call(Sys.OPENAT2, at.number(), put(directory), how.address(), HOW);
        }
        return opened;
    }

    /// By the descriptor's name in /proc, which also takes one that is not open for reading.
    private void permit(Fd directory) throws ErrnoException {
        byte[] link = ("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.US_ASCII);
        check(Kernel.call(Sys.FCHMODAT, AT_FDCWD, put(link), OWN_ALL), "fchmodat", link);
    }

    private Deque<byte[]> names(Fd directory) throws ErrnoException {
        Deque<byte[]> names = new ArrayDeque<>();
        while (true) {
            int length = (int) Kernel.check(
                    Kernel.call(Sys.GETDENTS64, directory.number(), entries.address(), entries.size()), "getdents64(" + directory + ")");
            if (length == 0) {
                return names;
            }
            for (int at = 0; at < length; at += entries.getShort(at + LENGTH) & 0xffff) {
                add(at + NAME, names);
            }
        }
    }

    private void add(int at, Deque<byte[]> names) {
        int end = at;
        while (entries.getByte(end) != 0) {
            end++;
        }
        byte[] one = new byte[end - at];
        entries.get(at, one, 0, one.length);
        boolean dots = one[0] == '.' && (one.length == 1 || one.length == 2 && one[1] == '.');
        if (!dots) {
            names.add(one);
        }
    }

    private long put(byte[] text) {
        byte[] terminated = Arg.terminated(text);
        name.put(0, terminated, 0, terminated.length);
        return name.address();
    }

    private static long check(long result, String call, byte[] file) throws ErrnoException {
        return Kernel.check(result, call + "(" + Quoting.quote(file) + ")");
    }
}
