// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

/// System calls on names in open directories. No name here has a slash, and no call follows a symbolic link or enters another mount.
/// One thread alone uses it.
final class TreeCalls implements AutoCloseable {
    static final int TYPE = 0170000;
    static final int DIRECTORY = 0040000;
    static final int REGULAR = 0100000;
    static final int LINK = 0120000;
    static final int CHARACTER = 0020000;
    static final int BLOCK = 0060000;
    static final int FIFO = 0010000;

    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    private static final int O_WRONLY_CREAT_EXCL = 1 | 0x40 | 0x80;
    private static final int O_DIRECTORY = OpenFlags.directory(Kernel.ARCH);
    private static final int O_NOFOLLOW = OpenFlags.noFollow(Kernel.ARCH);
    private static final long RESOLVE_CAREFULLY = 0x01 | 0x02 | 0x04 | 0x08; // no mounts, no magic links, no links, beneath
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int STATX_BASIC = 0x7ff;
    private static final int RENAME_NOREPLACE = 1;
    private static final int ENODATA = 61;
    private static final String[] OPAQUE = {"trusted.overlay.opaque", "user.overlay.opaque"};

    private final Arena arena = Arena.ofConfined();
    private final Memory name = Memory.allocate(arena, 4096 + 16);
    private final Memory otherName = Memory.allocate(arena, 256 + 16);
    private final Memory small = Memory.allocate(arena, 256);
    private final Memory value = Memory.allocate(arena, 1 << 16);
    private final Memory data = Memory.allocate(arena, 1 << 18);
    /// The user whose rights count.
    private final long user = Kernel.call(Sys.GETUID, 0);

    private final long resolve;
    private final int noFollow;

    TreeCalls() {
        this(RESOLVE_CAREFULLY, O_NOFOLLOW);
    }

    /// For tests that show what would happen with less care.
    TreeCalls(long resolve, int noFollow) {
        this.resolve = resolve;
        this.noFollow = noFollow;
    }

    /// What a name is: type, permissions, owner, time of the last change, device numbers.
    record Status(int mode, long uid, long gid, long seconds, int nanos, int major, int minor) {
        boolean isDirectory() {
            return (mode & TYPE) == DIRECTORY;
        }

        boolean isRegular() {
            return (mode & TYPE) == REGULAR;
        }

        boolean isLink() {
            return (mode & TYPE) == LINK;
        }

        /// What overlayfs takes for a removal.
        boolean isWhiteout() {
            return (mode & TYPE) == CHARACTER && major == 0 && minor == 0;
        }
    }

    long user() {
        return user;
    }

    private long put(Memory memory, byte[] text) {
        byte[] terminated = Arg.terminated(text);
        memory.put(0, terminated, 0, terminated.length);
        return memory.address();
    }

    /// A directory for reading, or the negative error number.
    long tryDirectory(Fd at, byte[] directory) {
        return open(at, directory, O_DIRECTORY);
    }

    private long open(Fd at, byte[] file, int flags) {
        small.putLong(0, flags | O_CLOEXEC | noFollow);
        small.putLong(8, 0);
        small.putLong(16, resolve);
        long opened = -Errno.EAGAIN.value();
        for (int i = 0; i < 100 && opened == -Errno.EAGAIN.value(); i++) { // somebody renames something
            opened = Kernel.call(Sys.OPENAT2, at.number(), put(name, file), small.address(), 24);
        }
        return opened;
    }

    Fd directory(Fd at, byte[] directory) throws ErrnoException {
        return new Fd((int) check(tryDirectory(at, directory), "openat2", directory));
    }

    /// A handle of whatever it is, without opening it.
    Fd handle(Fd at, byte[] file) throws ErrnoException {
        return new Fd((int) check(open(at, file, O_PATH), "openat2", file));
    }

    /// Changes the permissions of a directory that can't be opened.
    void directoryMode(Fd at, byte[] directory, int mode) throws ErrnoException {
        try (Fd handle = new Fd((int) check(open(at, directory, O_PATH | O_DIRECTORY), "openat2", directory))) {
            handleMode(handle, mode);
        }
    }

    /// Makes a directory that nobody else can enter yet, or gives the negative error number.
    long tryMakeDirectory(Fd at, byte[] directory) {
        return Kernel.call(Sys.MKDIRAT, at.number(), put(name, directory), 0700);
    }

    /// Makes a file that nobody else can open yet, or gives the negative error number.
    long tryCreate(Fd at, byte[] file) {
        return Kernel.call(
                Sys.OPENAT, at.number(), put(name, file), O_WRONLY_CREAT_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }

    long trySymbolicLink(Fd at, byte[] link, byte[] target) {
        return Kernel.call(Sys.SYMLINKAT, put(name, target), at.number(), put(otherName, link));
    }

    long tryLink(Fd from, byte[] file, Fd at, byte[] link) {
        return Kernel.call(Sys.LINKAT, from.number(), put(name, file), at.number(), put(otherName, link), 0, 0);
    }

    long tryNode(Fd at, byte[] node, int mode, int major, int minor) {
        long device = (minor & 0xff) | (long) major << 8 | (long) (minor & ~0xff) << 12;
        return Kernel.call(Sys.MKNODAT, at.number(), put(name, node), mode, device);
    }

    /// What it is, or null if there is nothing.
    @Nullable Status status(Fd at, byte[] file) throws ErrnoException {
        long result = Kernel.call(
                Sys.STATX, at.number(), put(name, file), AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BASIC, small.address(), 0);
        if (result == -Errno.ENOENT.value()) {
            return null;
        }
        check(result, "statx", file);
        return new Status(
                small.getShort(28) & 0xffff, small.getInt(20) & 0xffff_ffffL, small.getInt(24) & 0xffff_ffffL, small.getLong(112), small.getInt(120), small.getInt(128), small.getInt(132));
    }

    /// Removes a name, or gives the negative error number: that of EISDIR for a directory.
    long tryRemove(Fd at, byte[] file) {
        return Kernel.call(Sys.UNLINKAT, at.number(), put(name, file), 0);
    }

    void removeDirectory(Fd at, byte[] directory) throws ErrnoException {
        check(Kernel.call(Sys.UNLINKAT, at.number(), put(name, directory), AT_REMOVEDIR), "unlinkat", directory);
    }

    /// Some names of a directory, at the end none.
    List<byte[]> names(Fd directory) throws ErrnoException {
        List<byte[]> names = new ArrayList<>();
        for (int length = 1; length > 0 && names.isEmpty(); ) {
            length = (int) Kernel.check(
                    Kernel.call(Sys.GETDENTS64, directory.number(), data.address(), data.size()), "getdents64(" + directory + ")");
            for (int at = 0; at < length; at += data.getShort(at + 16) & 0xffff) {
                addName(at + 19, names);
            }
        }
        return names;
    }

    private void addName(int at, List<byte[]> names) {
        int end = at;
        while (data.getByte(end) != 0) {
            end++;
        }
        byte[] one = new byte[end - at];
        data.get(at, one, 0, one.length);
        boolean dots = one[0] == '.' && (one.length == 1 || one.length == 2 && one[1] == '.');
        if (!dots) {
            names.add(one);
        }
    }

    void write(Fd file, byte[] bytes, int length, long offset) throws ErrnoException {
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, data.size());
            data.put(0, bytes, done, part);
            done += (int) Kernel.check(
                    Kernel.call(Sys.PWRITE64, file.number(), data.address(), part, offset + done), "pwrite64(" + file + ")");
        }
    }

    void truncate(Fd file, long size) throws ErrnoException {
        Kernel.check(Kernel.call(Sys.FTRUNCATE, file.number(), size, 0), "ftruncate(" + file + ", " + size + ")");
    }

    /// Changes the owner of a name, or with an empty name of the open file itself.
    void owner(Fd at, byte[] file, long uid, long gid) throws ErrnoException {
        check(Kernel.call(Sys.FCHOWNAT, at.number(), put(name, file), (int) uid, (int) gid,
                AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, 0), "fchownat", file);
    }

    void mode(Fd file, int mode) throws ErrnoException {
        Kernel.check(Kernel.call(Sys.FCHMOD, file.number(), mode, 0), "fchmod(" + file + ", 0" + Integer.toOctalString(mode) + ")");
    }

    /// Of what is not opened, as devices; before Linux 6.6 through the name of the handle in /proc.
    void handleMode(Fd handle, int mode) throws ErrnoException {
        long result = Kernel.call(Sys.FCHMODAT2, handle.number(), put(name, new byte[0]), mode, AT_EMPTY_PATH);
        if (result == -Errno.ENOSYS.value()) {
            handleModeByName(handle, mode);
            return;
        }
        Kernel.check(result, "fchmodat2(" + handle + ", \"\", 0" + Integer.toOctalString(mode) + ", AT_EMPTY_PATH)");
    }

    void handleModeByName(Fd handle, int mode) throws ErrnoException {
        byte[] link = ("/proc/self/fd/" + handle.number()).getBytes(StandardCharsets.US_ASCII);
        check(Kernel.call(Sys.FCHMODAT, -100, put(name, link), mode), "fchmodat", link);
    }

    /// Sets both times of a name, or with an empty name of the open file itself.
    void time(Fd at, byte[] file, long seconds, int nanos) throws ErrnoException {
        for (int i = 0; i < 32; i += 16) {
            small.putLong(i, seconds);
            small.putLong(i + 8, nanos);
        }
        long path = file.length == 0 ? 0 : put(name, file);
        long flags = file.length == 0 ? 0 : AT_SYMLINK_NOFOLLOW;
        check(Kernel.call(Sys.UTIMENSAT, at.number(), path, small.address(), flags), "utimensat", file);
    }

    /// Sets an extended attribute, or gives the negative error number.
    long trySetXattr(Fd file, String attribute, byte[] content) {
        long key = put(name, attribute.getBytes(StandardCharsets.ISO_8859_1));
        value.put(0, content, 0, content.length);
        return Kernel.call(Sys.FSETXATTR, file.number(), key, value.address(), content.length, 0, 0);
    }

    /// Whether overlayfs takes nothing of the layers below in this directory.
    boolean isOpaque(Fd directory) throws ErrnoException {
        for (String attribute : OPAQUE) {
            byte @Nullable [] content = xattr(directory, attribute);
            if (content != null && content.length == 1 && content[0] == 'y') {
                return true;
            }
        }
        return false;
    }

    private byte @Nullable [] xattr(Fd file, String attribute) throws ErrnoException {
        long key = put(name, attribute.getBytes(StandardCharsets.ISO_8859_1));
        long length = Kernel.call(Sys.FGETXATTR, file.number(), key, value.address(), value.size());
        if (length == -ENODATA || length == -Errno.EOPNOTSUPP.value()) {
            return null;
        }
        return value.head((int) Kernel.check(length, "fgetxattr(" + file + ", " + Quoting.quote(attribute) + ")"));
    }

    /// Gives a directory what another one has: owner, attributes but for those of overlayfs, permissions and times.
    ///
    /// @param status what the other one is
    void copyAttributes(Fd from, Status status, Fd to) throws ErrnoException {
        byte[] itself = {};
        if (status.uid() != 0 || status.gid() != 0) { // else it is who made it, and a plain user may not say so
            owner(to, itself, status.uid(), status.gid());
        }
        for (String attribute : xattrs(from)) {
            byte @Nullable [] content = isOfLayers(attribute) && !attribute.startsWith("user.overlay.") ? xattr(from, attribute) : null;
            if (content != null) {
                check(trySetXattr(to, attribute, content), "fsetxattr", attribute.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        mode(to, status.mode() & 07777);
        time(to, itself, status.seconds(), status.nanos());
    }

    private String[] xattrs(Fd file) throws ErrnoException {
        long length = Kernel.call(Sys.FLISTXATTR, file.number(), data.address(), data.size());
        if (length == -Errno.EOPNOTSUPP.value()) {
            return new String[0];
        }
        byte[] all = data.head((int) Kernel.check(length, "flistxattr(" + file + ")"));
        return new String(all, StandardCharsets.ISO_8859_1).split("\0");
    }

    private static boolean isOfLayers(String attribute) {
        return attribute.startsWith("user.") || attribute.equals("security.capability");
    }

    /// Removes the extended attributes that a layer may have set.
    void clearXattrs(Fd file) throws ErrnoException {
        for (String attribute : xattrs(file)) {
            if (isOfLayers(attribute)) {
                long key = put(name, attribute.getBytes(StandardCharsets.ISO_8859_1));
                Kernel.check(Kernel.call(Sys.FREMOVEXATTR, file.number(), key, 0),
                        "fremovexattr(" + file + ", " + Quoting.quote(attribute) + ")");
            }
        }
    }

    /// Waits until the file system has written everything.
    void sync(Fd file) throws ErrnoException {
        Kernel.check(Kernel.call(Sys.SYNCFS, file.number()), "syncfs(" + file + ")");
    }

    /// Waits until the names of a directory are on the disk.
    void syncNames(Fd directory) throws ErrnoException {
        Kernel.check(Kernel.call(Sys.FSYNC, directory.number()), "fsync(" + directory + ")");
    }

    /// Gives another name in the same directory, which must not be there.
    void rename(Fd at, byte[] from, byte[] to) throws ErrnoException {
        long result = Kernel.call(
                Sys.RENAMEAT2, at.number(), put(name, from), at.number(), put(otherName, to), RENAME_NOREPLACE, 0);
        check(result, "renameat2", to);
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
