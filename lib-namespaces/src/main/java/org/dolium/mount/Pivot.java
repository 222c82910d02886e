// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// Makes a detached tree the root, by pivot_root(2); never by chroot(2).
public final class Pivot {
    private static final int MNT_DETACH = 2;
    private static final int MOUNT_ATTR_SIZE = 32;

    private Pivot() {}

    /// Cuts the new mount namespace's copies of the host's mounts off from the host.
    public static void lowerPrivate(PlanBuilder plan) {
        plan.add(
                Sys.MOUNT_SETATTR,
                Arg.AT_FDCWD,
                Arg.str("/"),
                MountFlags.RECURSIVE,
                MountFlags.mountAttr(0, Propagation.PRIVATE),
                Arg.num(MOUNT_ATTR_SIZE));
    }

    /// Attaches the tree on top of the old root, where mounts can be made in it. Absolute paths still mean the host.
    public static void lowerAttach(PlanBuilder plan, Arg.Result root) {
        plan.add(Sys.MOVE_MOUNT, root, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str("/"), MountFlags.MOVE_FROM_FD);
    }

    /// Makes the tree the root of the process and drops the old one.
    public static void lowerEnter(PlanBuilder plan, Arg.Result root) {
        plan.add(Sys.FCHDIR, root);
        plan.add(Sys.PIVOT_ROOT, Arg.str("."), Arg.str("."));
        plan.add(Sys.UMOUNT2, Arg.str("."), Arg.flags(MNT_DETACH, "MNT_DETACH"));
        plan.add(Sys.CHDIR, Arg.str("/"));
    }
}
