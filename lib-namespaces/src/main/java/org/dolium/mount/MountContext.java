// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.MountFlags;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// The plan being made and the root that it mounts into. Opens every path inside that root and nowhere else.
public final class MountContext {
    private static final long O_PATH_CLOEXEC = 0x280000;
    private static final int RESOLVE_NO_MAGICLINKS = 0x02;
    private static final int RESOLVE_NO_SYMLINKS = 0x04;
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final int OPEN_HOW_SIZE = 24;
    private static final long O_CREAT_EXCL_CLOEXEC = 0x800c0;
    private static final long O_WRONLY = 1;
    private static final Errno[] TOLERATED = {Errno.EEXIST, Errno.EROFS, Errno.EACCES, Errno.EPERM};

    private final PlanBuilder plan;
    private final Arg.Result root;
    private final Arch arch;
    private Arg.@Nullable Result nullDevice;

    public MountContext(PlanBuilder plan, Arg.Result root, Arch arch) {
        this.plan = plan;
        this.root = root;
        this.arch = arch;
    }

    PlanBuilder plan() {
        return plan;
    }

    /// `O_PATH|O_NOFOLLOW|O_CLOEXEC`.
    Arg.Num pathNoFollow() {
        return Arg.flags(O_PATH_CLOEXEC | OpenFlags.noFollow(arch), "O_PATH|O_NOFOLLOW|O_CLOEXEC");
    }

    /// `O_RDWR|O_NOCTTY|O_NOFOLLOW|O_CLOEXEC`.
    Arg.Num terminalNoFollow() {
        return Arg.flags(0x80102 | OpenFlags.noFollow(arch), "O_RDWR|O_NOCTTY|O_NOFOLLOW|O_CLOEXEC");
    }

    /// `O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC`.
    Arg.Num pathDirectory() {
        return Arg.flags(
                O_PATH_CLOEXEC | OpenFlags.directory(arch) | OpenFlags.noFollow(arch),
                "O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC");
    }

    /// The `null` device of the container's own /dev, once that is made.
    Arg.@Nullable Result nullDevice() {
        return nullDevice;
    }

    void nullDevice(Arg.Result node) {
        nullDevice = node;
    }

    /// Opens a mount point, making what is missing of it.
    Arg.Result place(String target, boolean directory) {
        String path = target.substring(1);
        if (path.isEmpty()) {
            return root;
        }
        make(parent(path, 0, 0), name(path), directory);
        return open(path, directory, isKernelPath(target));
    }

    /// Makes what is missing of a directory, for a user.
    void make(String target, long uid, long gid) {
        String path = target.substring(1);
        if (!path.isEmpty()) {
            make(parent(path, uid, gid), name(path), uid, gid);
        }
    }

    private Arg.Result parent(String path, long uid, long gid) {
        Arg.Result parent = root;
        int start = 0;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', start)) {
            make(parent, path.substring(start, slash), uid, gid);
            parent = open(path.substring(0, slash), true, false);
            start = slash + 1;
        }
        return parent;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// The image must not choose what these three are: no symbolic links.
    private static boolean isKernelPath(String target) {
        return target.equals("/proc") || target.equals("/sys") || target.equals("/dev");
    }

    private void make(Arg parent, String name, boolean directory) {
        if (directory) {
            make(parent, name, 0, 0);
            return;
        }
        Arg.Num createOnly = Arg.flags(
                O_CREAT_EXCL_CLOEXEC | OpenFlags.noFollow(arch), "O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC");
        plan.addTolerant(Syscall.of(Sys.OPENAT, parent, Arg.str(name), createOnly, Arg.octal(0644)), TOLERATED);
    }

    /// Only a directory that was made here gets an owner: without the result of mkdirat(2), which the kernel does not look at in
    /// the place of a sixth argument, the second call is skipped.
    private void make(Arg parent, String name, long uid, long gid) {
        Arg.Result made = plan.addTolerant(Syscall.of(Sys.MKDIRAT, parent, Arg.str(name), Arg.octal(0755)), TOLERATED);
        if (uid != 0 || gid != 0) {
            plan.add(
                    Sys.FCHOWNAT, parent, Arg.str(name), Arg.num(uid), Arg.num(gid), Arg.flags(0x100, "AT_SYMLINK_NOFOLLOW"),
                    made);
        }
    }

    /// Puts a new file in the place of one that may be there. It never writes to one that is, and follows no link with its name: what
    /// the image may have put there is only removed.
    void write(String target, byte[] content, int mode) {
        String path = target.substring(1);
        Arg.Result parent = parent(path, 0, 0);
        plan.addTolerant(Syscall.of(Sys.UNLINKAT, parent, Arg.str(name(path)), Arg.num(0)), Errno.ENOENT);
        Arg.Num createOnly = Arg.flags(
                O_CREAT_EXCL_CLOEXEC | O_WRONLY | OpenFlags.noFollow(arch), "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC");
        Arg.Result file = plan.add(Sys.OPENAT, parent, Arg.str(name(path)), createOnly, Arg.octal(mode));
        if (content.length > 0) {
            Arg.Bytes bytes = new Arg.Bytes(content.clone(), "[" + content.length + " bytes]"); // which may be secret
            plan.addExact(Syscall.of(Sys.WRITE, file, bytes, Arg.num(content.length)), content.length);
        }
        plan.add(Sys.CLOSE, file);
    }

    private Arg.Result open(String path, boolean directory, boolean noSymlinks) {
        return plan.add(openCall(path, directory, noSymlinks));
    }

    /// Opens a path if it exists; the result is absent if it does not.
    Arg.Result openIfPresent(String target) {
        return plan.addTolerant(openCall(target.substring(1), false, false), Errno.ENOENT);
    }

    private Syscall openCall(String path, boolean directory, boolean noSymlinks) {
        int resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (noSymlinks ? RESOLVE_NO_SYMLINKS : 0);
        return Syscall.of(
                Sys.OPENAT2,
                root,
                Arg.str(path),
                MountFlags.openHow(
                        O_PATH_CLOEXEC | (directory ? OpenFlags.directory(arch) : 0),
                        directory ? "O_PATH|O_DIRECTORY|O_CLOEXEC" : "O_PATH|O_CLOEXEC",
                        resolve,
                        noSymlinks
                                ? "RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS"
                                : "RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS"),
                Arg.num(OPEN_HOW_SIZE));
    }
}
