// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// System calls that read a tree which others may change meanwhile. Each name is taken hold of once, without following a link or
/// entering a mount and without opening what it is; all that is asked afterwards is asked of the same inode. One thread alone uses it.
final class PackCalls implements AutoCloseable {
    static final int BUFFER = 1 << 18;

    private static final byte[] ITSELF = {};
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_PATH = 0x200000;
    private static final int O_NOFOLLOW = OpenFlags.noFollow(Kernel.ARCH);
    private static final int O_DIRECTORY = OpenFlags.directory(Kernel.ARCH);
    private static final long RESOLVE_CAREFULLY = 0x01 | 0x02 | 0x04 | 0x08; // no mounts, no magic links, no links, beneath
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC = 0x7ff;
    private static final int ENODATA = 61;
    private static final int ENXIO = 6;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private final Arena arena = Arena.ofConfined();
    private final Memory name = Memory.allocate(arena, 4096 + 16);
    private final Memory key = Memory.allocate(arena, 256 + 16);
    private final Memory small = Memory.allocate(arena, 256);
    private final Memory data = Memory.allocate(arena, BUFFER);

    /// The user whose rights count.
    private final long user = Kernel.call(Sys.GETUID, 0);

    long user() {
        return user;
    }

    private long put(Memory memory, byte[] text) {
        byte[] terminated = Arg.terminated(text);
        memory.put(0, terminated, 0, terminated.length);
        return memory.address();
    }

    /// A handle of whatever has the name, or the negative error number.
    long tryHandle(Fd at, byte[] file) {
        small.putLong(0, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        small.putLong(8, 0);
        small.putLong(16, RESOLVE_CAREFULLY);
        long opened = -Errno.EAGAIN.value();
        for (int i = 0; i < 100 && opened == -Errno.EAGAIN.value(); i++) { // somebody renames something
            opened = Kernel.call(Sys.OPENAT2, at.number(), put(name, file), small.address(), 24);
        }
        return opened;
    }

    /// A handle of whatever has the name, or null if nothing has.
    @Nullable Fd handle(Fd at, byte[] file) throws ErrnoException {
        long opened = tryHandle(at, file);
        return opened == -Errno.ENOENT.value() ? null : new Fd((int) check(opened, "openat2", file));
    }

    /// The way to what a handle holds, which the kernel does not walk along: it is the inode itself.
    private static byte[] self(Fd handle) {
        return ("/proc/self/fd/" + handle.number()).getBytes(StandardCharsets.US_ASCII);
    }

    /// Opens the file that a handle holds, for reading, or gives the negative error number.
    long tryOpen(Fd handle, boolean directory) {
        int flags = O_NONBLOCK | O_CLOEXEC | (directory ? O_DIRECTORY : 0);
        return Kernel.call(Sys.OPENAT, -100, put(name, self(handle)), flags, 0);
    }

    /// Changes the permissions of what a handle holds.
    void mode(Fd handle, int mode) throws ErrnoException {
        byte[] self = self(handle);
        check(Kernel.call(Sys.FCHMODAT, -100, put(name, self), mode), "fchmodat", self);
    }

    Status status(Fd handle) throws ErrnoException {
        long result = Kernel.call(
                Sys.STATX, handle.number(), put(name, ITSELF), AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BASIC, small.address(), 0);
        check(result, "statx", ITSELF);
        return Status.of(small);
    }

    /// What a symbolic link says.
    byte[] target(Fd handle) throws ErrnoException {
        long length = Kernel.call(Sys.READLINKAT, handle.number(), put(name, ITSELF), data.address(), data.size());
        return data.head((int) check(length, "readlinkat", ITSELF));
    }

    /// The names of the extended attributes.
    String[] xattrs(Fd handle) throws ErrnoException {
        byte[] self = self(handle);
        long length = Kernel.call(Sys.LISTXATTR, put(name, self), data.address(), data.size());
        if (length == -Errno.EOPNOTSUPP.value() || length == 0) {
            return new String[0];
        }
        byte[] all = data.head((int) check(length, "listxattr", self));
        return new String(all, StandardCharsets.ISO_8859_1).split("\0", -1);
    }

    /// The value of an extended attribute, or null if there is none.
    byte @Nullable [] xattr(Fd handle, String attribute) throws ErrnoException {
        byte[] self = self(handle);
        long keyAddress = put(key, attribute.getBytes(StandardCharsets.ISO_8859_1));
        long length = Kernel.call(Sys.GETXATTR, put(name, self), keyAddress, data.address(), data.size());
        if (length == -ENODATA || length == -Errno.EOPNOTSUPP.value()) {
            return null;
        }
        return data.head((int) Kernel.check(length, "getxattr(" + handle + ", " + Quoting.quote(attribute) + ")"));
    }

    /// Adds some names of a directory.
    ///
    /// @return whether there may be more
    boolean names(Fd directory, List<byte[]> names) throws ErrnoException {
        int length = (int) Kernel.check(
                Kernel.call(Sys.GETDENTS64, directory.number(), data.address(), data.size()), "getdents64(" + directory + ")");
        for (int at = 0; at < length; at += data.getShort(at + 16) & 0xffff) {
            int end = at + 19;
            while (data.getByte(end) != 0) {
                end++;
            }
            byte[] one = new byte[end - at - 19];
            data.get(at + 19, one, 0, one.length);
            if (!Arrays.equals(one, new byte[] {'.'}) && !Arrays.equals(one, new byte[] {'.', '.'})) {
                names.add(one);
            }
        }
        return length > 0;
    }

    /// Reads at a place.
    ///
    /// @return how many bytes, none at the end
    int read(Fd file, byte[] bytes, int length, long offset) throws ErrnoException {
        int most = Math.min(length, data.size());
        int read = (int) Kernel.check(
                Kernel.call(Sys.PREAD64, file.number(), data.address(), most, offset), "pread64(" + file + ")");
        data.get(0, bytes, 0, read);
        return read;
    }

    /// Where content begins at or after a place; -1 if there is none.
    long content(Fd file, long from) throws ErrnoException {
        return seek(file, from, SEEK_DATA);
    }

    /// Where a hole begins at or after a place.
    long hole(Fd file, long from) throws ErrnoException {
        return seek(file, from, SEEK_HOLE);
    }

    private static long seek(Fd file, long from, int whence) throws ErrnoException {
        long found = Kernel.call(Sys.LSEEK, file.number(), from, whence);
        return found == -ENXIO ? -1 : Kernel.check(found, "lseek(" + file + ", " + from + ", " + whence + ")");
    }

    static long check(long result, String call, byte[] file) throws ErrnoException {
        if (Kernel.failed(result)) {
            throw new ErrnoException(call + "(" + Quoting.quote(file) + ")", Kernel.errno(result));
        }
        return result;
    }

    @Override
    public void close() {
        arena.close();
    }
}
