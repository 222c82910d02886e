// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// The few patterns of mount calls that everything here is made of.
final class MountCalls {
    private static final int MOUNT_ATTR_SIZE = 32;

    private MountCalls() {}

    /// A new file system instance, detached. `options` are pairs of name and value; an empty value means a flag.
    static Arg.Result create(PlanBuilder plan, String type, int attributes, String... options) {
        Arg.Result context = plan.add(Sys.FSOPEN, Arg.str(type), MountFlags.FSOPEN_CLOEXEC);
        for (int i = 0; i < options.length; i += 2) {
            option(plan, context, options[i], options[i + 1]);
        }
        plan.add(Sys.FSCONFIG, context, MountFlags.FSCONFIG_CMD_CREATE, Arg.NULL, Arg.NULL, Arg.num(0));
        return plan.add(Sys.FSMOUNT, context, MountFlags.FSMOUNT_CLOEXEC, MountFlags.attributes(attributes));
    }

    private static void option(PlanBuilder plan, Arg.Result context, String name, String value) {
        if (value.isEmpty()) {
            plan.add(Sys.FSCONFIG, context, MountFlags.FSCONFIG_SET_FLAG, Arg.str(name), Arg.NULL, Arg.num(0));
        } else {
            plan.add(Sys.FSCONFIG, context, MountFlags.FSCONFIG_SET_STRING, Arg.str(name), Arg.str(value), Arg.num(0));
        }
    }

    /// A detached copy of what lies at a path of the host.
    static Arg.Result copy(PlanBuilder plan, String source, boolean recursive) {
        return plan.add(
                Sys.OPEN_TREE,
                Arg.AT_FDCWD,
                Arg.str(source),
                recursive ? MountFlags.OPEN_TREE_RECURSIVE : MountFlags.OPEN_TREE);
    }

    /// A detached copy of what lies below a directory of the host, where somebody else may exchange names: its path is resolved
    /// once, in that directory, and with no link.
    static Arg.Result copyBelow(PlanBuilder plan, String base, String path, boolean recursive) {
        Arg.Result directory = plan.add(
                Sys.OPENAT, Arg.AT_FDCWD, Arg.str(base), Arg.flags(0x280000, "O_PATH|O_CLOEXEC"), Arg.num(0));
        Arg.Result source = plan.add(
                Sys.OPENAT2, directory, Arg.str(path),
                MountFlags.openHow(
                        0x280000, "O_PATH|O_CLOEXEC", 0x0e, "RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH"),
                Arg.num(24));
        return plan.add(
                Sys.OPEN_TREE, source, MountFlags.EMPTY,
                recursive ? MountFlags.OPEN_TREE_OF_FD_RECURSIVE : MountFlags.OPEN_TREE_OF_FD);
    }

    /// Sets attributes of a detached tree.
    static void attributes(PlanBuilder plan, Arg tree, int set, Propagation propagation, boolean recursive) {
        plan.add(
                Sys.MOUNT_SETATTR,
                tree,
                MountFlags.EMPTY,
                recursive ? MountFlags.EMPTY_PATH_RECURSIVE : MountFlags.EMPTY_PATH,
                MountFlags.mountAttr(set, propagation),
                Arg.num(MOUNT_ATTR_SIZE));
    }

    /// Attaches a detached tree to an opened place.
    static void attach(PlanBuilder plan, Arg tree, Arg place) {
        plan.add(Sys.MOVE_MOUNT, tree, MountFlags.EMPTY, place, MountFlags.EMPTY, MountFlags.MOVE_FD_TO_FD);
    }
}
