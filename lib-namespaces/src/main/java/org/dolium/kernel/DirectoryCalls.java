// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// System calls on names in open directories that others may change meanwhile. What is there is taken hold of once, without opening
/// it; all that follows is asked of the same inode. Calls named `try…` give the negative error number. One thread alone uses it.
public final class DirectoryCalls implements AutoCloseable {
    public static final byte[] ITSELF = {};
    /// Links are followed, but never out of the directory, which is the root of absolute ones; mounts are entered.
    public static final long IN_ROOT = 0x10 | 0x02;
    /// One name, which is no link; mounts are entered.
    public static final long BENEATH = 0x08 | 0x04 | 0x02;
    public static final int O_PATH = 0x200000;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT_EXCL = 0x40 | 0x80;
    public static final int O_TRUNC = 0x200;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DIRECTORY = OpenFlags.directory(Kernel.ARCH);
    public static final int O_NOFOLLOW = OpenFlags.noFollow(Kernel.ARCH);
    public static final int RENAME_NOREPLACE = 1;

    private static final int O_CLOEXEC = 0x80000;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int PATH_MAX = 4096;
    private static final int UTIME_OMIT = 0x3ffffffe;
    /// `openat2` says EAGAIN when something on the way up was renamed or mounted meanwhile.
    private static final int RETRIES = 1000;

    private final Arena arena = Arena.ofConfined();
    private final Memory name = Memory.allocate(arena, PATH_MAX + 16);
    private final Memory other = Memory.allocate(arena, PATH_MAX + 16);
    private final Memory small = Memory.allocate(arena, FileStatus.SIZE);
    private final Memory data = Memory.allocate(arena, 1 << 15);
    private final @Nullable FileOwner owner;

    /// @param owner who makes what is made, or null for this thread
    public DirectoryCalls(@Nullable FileOwner owner) {
        this.owner = owner;
    }

    private static boolean fits(byte[] path) {
        return path.length < PATH_MAX;
    }

    private static long put(Memory memory, byte[] text) {
        byte[] terminated = Arg.terminated(text);
        memory.put(0, terminated, 0, terminated.length);
        return memory.address();
    }

    private long make(Sys sys, long a, long b, long c, long d, long e) {
        return owner == null ? Kernel.call(sys, a, b, c, d, e, 0) : owner.call(sys, a, b, c, d, e, 0);
    }

    /// Opens a path.
    ///
    /// @param flags open(2) flags; `O_CLOEXEC` is added
    /// @param resolve [#IN_ROOT] or [#BENEATH]
    public long tryOpen(Fd at, byte[] path, int flags, int mode, long resolve) {
        if (!fits(path)) {
            return -Errno.ENAMETOOLONG.value();
        }
        small.putLong(0, flags | O_CLOEXEC);
        small.putLong(8, mode);
        small.putLong(16, resolve);
        long address = put(name, path);
        long opened = -Errno.EAGAIN.value();
        for (int i = 0; i < RETRIES && opened == -Errno.EAGAIN.value(); i++) {
            opened = mode == 0
                    ? Kernel.call(Sys.OPENAT2, at.number(), address, small.address(), 24)
                    : make(Sys.OPENAT2, at.number(), address, small.address(), 24, 0);
        }
        return opened;
    }

    /// The way to what a handle holds, which the kernel does not walk along: it is the inode itself.
    private static byte[] self(Fd handle) {
        return ("/proc/self/fd/" + handle.number()).getBytes(StandardCharsets.US_ASCII);
    }

    /// Opens what a handle holds, which must be a regular file or a directory. It does not wait for who has a lease on it.
    public long tryReopen(Fd handle, int flags) {
        return Kernel.call(Sys.OPENAT, AT_FDCWD, put(name, self(handle)), flags | O_NONBLOCK | O_CLOEXEC, 0);
    }

    public FileStatus status(Fd handle) throws ErrnoException {
        long result = Kernel.call(
                Sys.STATX, handle.number(), put(name, ITSELF), AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, FileStatus.MASK, small.address(), 0);
        check(result, "statx", ITSELF);
        return FileStatus.of(small);
    }

    /// The magic number of the file system; see statfs(2).
    public long fileSystem(Fd handle) throws ErrnoException {
        check(Kernel.call(Sys.FSTATFS, handle.number(), small.address(), 0), "fstatfs", ITSELF);
        return small.getLong(0);
    }

    /// Whether the JVM's user may do this with what a handle holds; see access(2).
    public long tryAccess(Fd handle, int mode) {
        return Kernel.call(Sys.FACCESSAT, AT_FDCWD, put(name, self(handle)), mode, 0);
    }

    /// What a symbolic link says.
    public byte[] target(Fd handle) throws ErrnoException {
        long length = Kernel.call(Sys.READLINKAT, handle.number(), put(name, ITSELF), data.address(), data.size());
        return data.head((int) check(length, "readlinkat", ITSELF));
    }

    /// Adds some names of a directory, without `.` and `..`.
    ///
    /// @return whether there may be more
    public boolean names(Fd directory, List<byte[]> names) throws ErrnoException {
        int length = (int) check(
                Kernel.call(Sys.GETDENTS64, directory.number(), data.address(), data.size()), "getdents64", ITSELF);
        for (int at = 0; at < length; at += data.getShort(at + 16) & 0xffff) {
            int end = at + 19;
            while (data.getByte(end) != 0) {
                end++;
            }
            byte[] one = new byte[end - at - 19];
            data.get(at + 19, one, 0, one.length);
            boolean dots = one[0] == '.' && (one.length == 1 || one.length == 2 && one[1] == '.');
            if (!dots) {
                names.add(one);
            }
        }
        return length > 0;
    }

    public long tryMakeDirectory(Fd at, byte[] directory, int mode) {
        return fits(directory) ? make(Sys.MKDIRAT, at.number(), put(name, directory), mode, 0, 0) : -Errno.ENAMETOOLONG.value();
    }

    public long trySymbolicLink(Fd at, byte[] link, byte[] target) {
        return fits(link) && fits(target)
                ? make(Sys.SYMLINKAT, put(other, target), at.number(), put(name, link), 0, 0)
                : -Errno.ENAMETOOLONG.value();
    }

    public long tryLink(Fd from, byte[] file, Fd at, byte[] link) {
        return fits(link) && fits(file)
                ? make(Sys.LINKAT, from.number(), put(name, file), at.number(), put(other, link), 0)
                : -Errno.ENAMETOOLONG.value();
    }

    public long tryRename(Fd from, byte[] file, Fd at, byte[] to, int flags) {
        return fits(to) && fits(file)
                ? make(Sys.RENAMEAT2, from.number(), put(name, file), at.number(), put(other, to), flags)
                : -Errno.ENAMETOOLONG.value();
    }

    public long tryRemove(Fd at, byte[] file, boolean directory) {
        return fits(file)
                ? Kernel.call(Sys.UNLINKAT, at.number(), put(name, file), directory ? AT_REMOVEDIR : 0)
                : -Errno.ENAMETOOLONG.value();
    }

    /// Changes the owner of what a handle holds; -1 leaves one as it is.
    public long tryOwner(Fd handle, long uid, long gid) {
        return Kernel.call(Sys.FCHOWNAT, handle.number(), put(name, ITSELF), (int) uid, (int) gid,
                AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, 0);
    }

    /// Changes the permissions of what a handle holds, which is no link.
    public long tryMode(Fd handle, int mode) {
        return Kernel.call(Sys.FCHMODAT, AT_FDCWD, put(name, self(handle)), mode);
    }

    /// Sets the times of what a handle holds, which is no link; null leaves one as it is.
    public long tryTimes(Fd handle, long @Nullable [] accessed, long @Nullable [] modified) {
        putTime(0, accessed);
        putTime(16, modified);
        return Kernel.call(Sys.UTIMENSAT, AT_FDCWD, put(name, self(handle)), small.address(), 0);
    }

    private void putTime(int at, long @Nullable [] time) {
        small.putLong(at, time == null ? 0 : time[0]);
        small.putLong(at + 8, time == null ? UTIME_OMIT : time[1]);
    }

    /// Sets when a name that may be a link was changed.
    public long tryTimeOfName(Fd at, byte[] file, long seconds, int nanos) {
        putTime(0, null);
        putTime(16, new long[] {seconds, nanos});
        return Kernel.call(Sys.UTIMENSAT, at.number(), put(name, file), small.address(), AT_SYMLINK_NOFOLLOW);
    }

    /// Changes the owner of a name that may be a link.
    public long tryOwnerOfName(Fd at, byte[] file, long uid, long gid) {
        return Kernel.call(Sys.FCHOWNAT, at.number(), put(name, file), (int) uid, (int) gid, AT_SYMLINK_NOFOLLOW, 0);
    }

    /// @param path for the message
    public static long check(long result, String call, byte[] path) throws ErrnoException {
        if (Kernel.failed(result)) {
            throw new ErrnoException(call + "(" + Quoting.quote(path) + ")", Kernel.errno(result));
        }
        return result;
    }

    @Override
    public void close() {
        arena.close();
    }
}
