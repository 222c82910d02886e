// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// A /proc of the child's own that is attached nowhere: nobody can mount anything over its files, as one can over those
/// of a path.
public final class ProcHandle {
    private static final long O_CLOEXEC = 0x80000;
    private static final long O_PATH = 0x200000;
    private static final int STATFS_SIZE = 120;
    private static final int PROC_SUPER_MAGIC = 0x9fa0;

    private final PlanBuilder plan;
    private final Arg.Result root;

    private ProcHandle(PlanBuilder plan, Arg.Result root) {
        this.plan = plan;
        this.root = root;
    }

    /// Appends the calls that make it. It needs a new pid namespace, or the host's own root.
    public static ProcHandle lower(PlanBuilder plan) {
        return checked(plan, MountCalls.create(plan, "proc", Mount.NO_RIGHTS));
    }

    /// Appends the calls that open the JVM's own, for a process that is still on the host.
    public static ProcHandle ofHost(PlanBuilder plan) {
        return checked(
                plan, plan.add(Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/proc"), Arg.flags(O_PATH | O_CLOEXEC, "O_PATH|O_CLOEXEC")));
    }

    private static ProcHandle checked(PlanBuilder plan, Arg.Result root) {
        Arg.Result statfs =
                plan.add(Syscall.of(Sys.FSTATFS, root, new Arg.Buffer(STATFS_SIZE, new byte[0], "[statfs]")));
        plan.expect(statfs, 1, 0, -1L, PROC_SUPER_MAGIC, "is a proc file system");
        return new ProcHandle(plan, root);
    }

    /// Appends a call that opens a file of it, on the same mount.
    ///
    /// @param path relative, as `sys/kernel/msgmax`
    /// @param writes whether it is opened for writing, or else for reading
    /// @param throughSelf whether symbolic links are followed, as `self` is one; never out of it
    public Arg.Result open(String path, boolean writes, boolean throughSelf) {
        String access = writes ? "O_WRONLY" : "O_RDONLY";
        return plan.add(
                Sys.OPENAT2,
                root,
                Arg.str(path),
                MountFlags.openHow(
                        O_CLOEXEC | (writes ? 1 : 0),
                        access + "|O_CLOEXEC",
                        throughSelf ? 0x0b : 0x0f,
                        "RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH"
                                + (throughSelf ? "" : "|RESOLVE_NO_SYMLINKS")),
                Arg.num(24));
    }

    /// Appends the calls that write a value into a file of it, whole or not at all; see [#open].
    ///
    /// @param text the value as texts show it
    public void write(String path, byte[] value, String text, boolean throughSelf) {
        Arg.Result file = open(path, true, throughSelf);
        plan.addExact(Syscall.of(Sys.WRITE, file, new Arg.Bytes(value, text), Arg.num(value.length)), value.length);
        plan.add(Sys.CLOSE, file);
    }

    /// Appends the call that closes it.
    public void close() {
        plan.add(Sys.CLOSE, root);
    }
}
