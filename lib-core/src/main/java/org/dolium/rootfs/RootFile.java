// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;

/// Reads a file of a root file system from outside, without ever leaving it: every symbolic link is resolved inside
/// the root by openat2(2), and only a regular file of bounded size is read.
public final class RootFile {
    private static final int LIMIT = 10 << 20;
    static final long O_RDONLY_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    static final int O_PATH_DIRECTORY_CLOEXEC = 0x280000 | OpenFlags.directory(Kernel.ARCH);
    private static final long RESOLVE_IN_ROOT_NO_MAGICLINKS = 0x10 | 0x02;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_TYPE_MODE_SIZE = 0x203;
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int CHUNK = 16384;
    static final int RETRIES = 100;

    private RootFile() {}

    /// The content of `path` inside `root`, or nothing if there is no such file.
    ///
    /// @throws IOException if it is no regular file, is larger than 10 MiB, or can't be read
    public static Optional<byte[]> read(Path root, String path) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Fd directory = Fd.open(root.toString(), O_PATH_DIRECTORY_CLOEXEC, 0)) {
            long result = open(arena, directory, path);
            for (int i = 0; i < RETRIES && result == -Errno.EAGAIN.value(); i++) {
                result = open(arena, directory, path); // something was mounted or renamed while it went up by ".."
            }
            if (result == -Errno.ENOENT.value() || result == -Errno.ENOTDIR.value()) {
                return Optional.empty();
            }
            Kernel.check(result, "openat2(<" + Quoting.quote(root.toString()) + ">, " + Quoting.quote(path)
                    + ", RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS)");
            try (Fd file = new Fd((int) result)) {
                checkRegular(arena, file, root, path);
                return Optional.of(content(arena, file, path));
            }
        }
    }

    private static long open(Arena arena, Fd directory, String path) {
        Memory how = Memory.allocate(arena, 24);
        how.putLong(0, O_RDONLY_NONBLOCK_CLOEXEC);
        how.putLong(16, RESOLVE_IN_ROOT_NO_MAGICLINKS);
        byte[] name = Arg.terminated(path.getBytes(StandardCharsets.UTF_8));
        return Kernel.call(
                Sys.OPENAT2,
                directory.number(),
                Memory.copy(arena, name).address(),
                how.address(),
                24);
    }

    /// Makes sure that it is a regular file of bounded size.
    static void checkRegular(Arena arena, Fd file, Path root, String path) throws IOException {
        Memory statx = Memory.allocate(arena, 256);
        Memory empty = Memory.allocate(arena, 1);
        Kernel.check(
                Kernel.call(
                        Sys.STATX, file.number(), empty.address(), AT_EMPTY_PATH, STATX_TYPE_MODE_SIZE,
                        statx.address(), 0),
                "statx(" + path + ")");
        int mode = statx.getShort(28) & 0xffff;
        if ((mode & S_IFMT) != S_IFREG) {
            throw new IOException("'" + Quoting.printable(path) + "' in root file system " + root + " is no regular file");
        }
        long size = statx.getLong(40);
        if (size > LIMIT) {
            throw new IOException("'" + Quoting.printable(path) + "' in root file system " + root + " is larger than 10 MiB");
        }
    }

    /// All of an open file.
    static byte[] content(Arena arena, Fd file, String path) throws ErrnoException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Memory buffer = Memory.allocate(arena, CHUNK);
        byte[] chunk = new byte[CHUNK];
        while (true) {
            long n = Kernel.check(
                    Kernel.call(Sys.READ, file.number(), buffer.address(), CHUNK), "read(" + path + ")");
            if (n == 0) {
                return out.toByteArray();
            }
            if (out.size() + n > LIMIT) {
                throw new IOException("'" + Quoting.printable(path) + "' grew beyond 10 MiB while it was read");
            }
            buffer.get(0, chunk, 0, (int) n);
            out.write(chunk, 0, (int) n);
        }
    }
}
