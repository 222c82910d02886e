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

    /// Cuts the new mount namespace's copies of the host's mounts off from the host: in both directions, or, as slaves,
    /// so that only the host's later mounts still appear.
    public static void lowerDetach(PlanBuilder plan, Propagation propagation) {
        plan.add(
                Sys.MOUNT_SETATTR,
                Arg.AT_FDCWD,
                Arg.str("/"),
                MountFlags.RECURSIVE,
                MountFlags.mountAttr(0, propagation),
                Arg.num(MOUNT_ATTR_SIZE));
    }

    /// Sets how mounts at the root of the container spread, if not as it is already: pivot_root(2) accepts no shared root.
    public static void lowerPropagation(PlanBuilder plan, Propagation propagation) {
        if (propagation == Propagation.SHARED || propagation == Propagation.UNBINDABLE) {
            plan.add(
                    Sys.MOUNT_SETATTR,
                    Arg.AT_FDCWD,
                    Arg.str("/"),
                    Arg.num(0),
                    MountFlags.mountAttr(0, propagation),
                    Arg.num(MOUNT_ATTR_SIZE));
        }
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
