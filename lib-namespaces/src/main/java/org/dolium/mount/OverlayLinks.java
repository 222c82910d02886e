// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// An overlay of so many layers that their paths are too long together for fsconfig(2) before Linux 6.8. mount(2) takes a
/// page of options: there is a link to each directory whose name is a number, and the options name the links, relative to the
/// directory that they are in. That makes room for as many layers as overlayfs takes, and for paths of any length.
final class OverlayLinks {
    private static final String ANCHOR = Root.Upper.Memory.ANCHOR;
    private static final long BYTES = 1 << 20;
    private static final long INODES = 1024;

    private OverlayLinks() {}

    /// @param directories the upper and the work directory
    static Arg.Result mount(PlanBuilder plan, Root.Overlay overlay, String[] directories) {
        boolean anchored = overlay.upper() instanceof Root.Upper.Memory;
        if (!anchored) {
            Arg.Result memory = MountCalls.create(
                    plan, "tmpfs", MountFlags.NOSUID | MountFlags.NODEV, "size", Long.toString(BYTES), "nr_inodes",
                    Long.toString(INODES), "mode", "0700");
            plan.add(Sys.MOVE_MOUNT, memory, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str(ANCHOR), MountFlags.MOVE_FROM_FD);
        }
        plan.add(Sys.CHDIR, Arg.str(ANCHOR));
        StringBuilder options = new StringBuilder("lowerdir=");
        for (int i = 0; i < overlay.lower().size(); i++) {
            link(plan, overlay.layer(i), Integer.toString(i));
            options.append(i == 0 ? "" : ":").append(i);
        }
        link(plan, directories[0], "u");
        link(plan, directories[1], "w");
        options.append(",upperdir=u,workdir=w,volatile").append(overlay.inUserNamespace() ? ",userxattr" : ",redirect_dir=off,metacopy=off");
        plan.add(Sys.MKDIRAT, Arg.AT_FDCWD, Arg.str("m"), Arg.octal(0755));
        plan.add(
                Sys.MOUNT, Arg.str("overlay"), Arg.str("m"), Arg.str("overlay"), Arg.flags(6, "MS_NOSUID|MS_NODEV"),
                Arg.str(options.toString()));
        Arg.Result tree = MountCalls.copy(plan, "m", false);
        plan.add(Sys.CHDIR, Arg.str("/"));
        if (!anchored) {
            plan.add(Sys.UMOUNT2, Arg.str(ANCHOR), Arg.flags(2, "MNT_DETACH"));
        }
        return tree;
    }

    private static void link(PlanBuilder plan, String target, String name) {
        plan.add(Sys.SYMLINKAT, Arg.str(target), Arg.AT_FDCWD, Arg.str(name));
    }
}
