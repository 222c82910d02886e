// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;

/// System calls on one name in an open directory, or on an open file.
final class FileCalls {
    static final int O_DIRECTORY = OpenFlags.directory(Kernel.ARCH);
    static final int O_NOFOLLOW = OpenFlags.noFollow(Kernel.ARCH);
    static final int O_CLOEXEC = 0x80000;
    static final int O_NONBLOCK = 0x800;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private FileCalls() {}

    /// Names come as ISO 8859-1: a character for each byte, so that every name of the disk can be given back.
    private static Memory name(Arena arena, String name) {
        return Memory.copy(arena, Arg.terminated(name.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /// A call with a directory, a name and two more arguments; the negative error number if it fails.
    static long named(Sys sys, Fd at, String name, long third, long fourth) {
        try (Arena arena = Arena.ofConfined()) {
            return Kernel.call(sys, at.number(), name(arena, name).address(), third, fourth);
        }
    }

    static long renamed(Sys sys, Fd from, String name, Fd to, String newName, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Kernel.call(
                    sys, from.number(), name(arena, name).address(), to.number(), name(arena, newName).address(), flags, 0);
        }
    }

    /// The status goes to `result`; the negative error number if it fails.
    static long status(Arena arena, Fd at, String name, Memory result) {
        return Kernel.call(Sys.STATX, at.number(), name(arena, name).address(), AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
                FileStatus.STATX_BASIC, result.address(), 0);
    }

    static FileStatus status(Fd file, String shown) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory result = Memory.allocate(arena, 256);
            check(status(arena, file, "", result), "statx", shown);
            return FileStatus.of(result);
        }
    }

    /// Takes or changes a lock on the open file, which ends with its last descriptor.
    ///
    /// @return false if another open file has a lock that excludes it
    static boolean tryLock(Fd file, boolean exclusive, String shown) throws ErrnoException {
        long result = Kernel.call(Sys.FLOCK, file.number(), (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB, 0);
        if (result == -Errno.EAGAIN.value() || result == -Errno.EINTR.value()) {
            return false;
        }
        check(result, "flock", shown);
        return true;
    }

    /// Waits for a lock without a call that waits: a virtual thread's carrier would be pinned in it.
    static void lock(Fd file, boolean exclusive, long millis, String shown) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long pause = 100_000; !tryLock(file, exclusive, shown); pause = Math.min(2 * pause, 10_000_000)) {
            if (System.nanoTime() > end) {
                throw new IOException("'" + shown + "' is locked by another process for more than " + millis / 1000
                        + " s; /proc/locks names it");
            }
            try {
                Thread.sleep(java.time.Duration.ofNanos(pause));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("interrupted while waiting for the lock '" + shown + "'").initCause(e);
            }
        }
    }

    static long check(long result, String call, String shown) throws ErrnoException {
        return Kernel.failed(result) ? fail(result, call, shown) : result;
    }

    private static long fail(long result, String call, String shown) throws ErrnoException {
        throw new ErrnoException(call + "(\"" + shown + "\")", Kernel.errno(result));
    }
}
