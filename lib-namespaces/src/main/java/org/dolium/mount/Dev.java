// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// A /dev made from scratch: the usual six devices, terminals, shared memory, message queues and links.
///
/// @param makeNodes whether devices are made by mknod(2); otherwise the host's are bound, after their numbers were checked
/// @param ttyGroup the group of terminals, or -1 for the user's own: group 5 is not mapped in every user namespace
/// @param messageQueues whether there is a /dev/mqueue
/// @param terminal the terminal of the command, or null if it has none
public record Dev(boolean makeNodes, int ttyGroup, boolean messageQueues, @Nullable Terminal terminal) implements Mount {
    private static final String[] NAMES = {"null", "zero", "full", "random", "urandom", "tty"};
    private static final int[] MAJORS = {1, 1, 1, 1, 1, 5};
    private static final int[] MINORS = {3, 5, 7, 8, 9, 0};
    private static final String[][] LINKS = {
        {"/proc/self/fd", "fd"}, {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
        {"/proc/self/fd/2", "stderr"}, {"/proc/kcore", "core"}, {"pts/ptmx", "ptmx"}
    };
    private static final int S_IFCHR = 0020000;
    private static final int S_IFREG = 0100000;
    private static final int STATX_SIZE = 256;
    private static final int STATX_MODE = 24; // the word with stx_mode in its third 16-bit part
    private static final int STATX_RDEV = 128;

    /// Without a terminal.
    public Dev(boolean makeNodes, int ttyGroup, boolean messageQueues) {
        this(makeNodes, ttyGroup, messageQueues, null);
    }

    @Override
    public String target() {
        return "/dev";
    }

    @Override
    public void lower(MountContext context) {
        PlanBuilder plan = context.plan();
        Arg.Result dev = MountCalls.create(
                plan, "tmpfs", MountFlags.NOSUID | MountFlags.NOEXEC, "size", "64k", "nr_inodes", "64", "mode", "0755");
        MountCalls.attach(plan, dev, context.place(target(), true));
        for (int i = 0; i < NAMES.length; i++) {
            node(context, dev, i);
        }
        Arg.Result nullDevice = plan.add(Sys.OPENAT, dev, Arg.str("null"), context.pathNoFollow());
        verify(plan, nullDevice, 0);
        context.nullDevice(nullDevice);
        for (String[] link : LINKS) {
            plan.add(Sys.SYMLINKAT, Arg.str(link[0]), dev, Arg.str(link[1]));
        }
        Arg.Result pts = terminals(plan);
        below(context, dev, "pts", pts);
        below(
                context,
                dev,
                "shm",
                MountCalls.create(
                        plan, "tmpfs", NO_RIGHTS, "size", "64m", "nr_inodes", "65536", "mode", "01777"));
        if (messageQueues) {
            below(context, dev, "mqueue", MountCalls.create(plan, "mqueue", NO_RIGHTS));
        }
        if (terminal != null) {
            terminal.lower(context, dev, pts);
        }
    }

    private void node(MountContext context, Arg dev, int i) {
        PlanBuilder plan = context.plan();
        if (makeNodes) {
            plan.add(
                    Sys.MKNODAT,
                    dev,
                    Arg.str(NAMES[i]),
                    Arg.flags(S_IFCHR | 0666, "S_IFCHR|0666"),
                    Arg.flags(MAJORS[i] << 8 | MINORS[i], "makedev(" + MAJORS[i] + ", " + MINORS[i] + ")"));
            return;
        }
        Arg.Result tree = MountCalls.copy(plan, "/dev/" + NAMES[i], false);
        verify(plan, tree, i);
        plan.add(Sys.MKNODAT, dev, Arg.str(NAMES[i]), Arg.flags(S_IFREG | 0666, "S_IFREG|0666"), Arg.num(0));
        MountCalls.attach(plan, tree, plan.add(Sys.OPENAT, dev, Arg.str(NAMES[i]), context.pathNoFollow()));
    }

    private static void verify(PlanBuilder plan, Arg node, int i) {
        Arg.Result statx = plan.add(Syscall.of(
                Sys.STATX,
                node,
                MountFlags.EMPTY,
                MountFlags.EMPTY_PATH,
                Arg.flags(1, "STATX_TYPE"),
                new Arg.Buffer(STATX_SIZE, new byte[0], "[statx]")));
        plan.expect(statx, 4, STATX_MODE, 0xf000L << 32, (long) S_IFCHR << 32, "is a character device");
        plan.expect(
                statx, 4, STATX_RDEV, -1L, MAJORS[i] | (long) MINORS[i] << 32,
                "has device number " + MAJORS[i] + ":" + MINORS[i]);
    }

    private Arg.Result terminals(PlanBuilder plan) {
        int attributes = MountFlags.NOSUID | MountFlags.NOEXEC;
        return ttyGroup < 0
                ? MountCalls.create(plan, "devpts", attributes, "newinstance", "", "ptmxmode", "0666", "mode", "0620")
                : MountCalls.create(
                        plan, "devpts", attributes, "newinstance", "", "ptmxmode", "0666", "mode", "0620", "gid",
                        Integer.toString(ttyGroup));
    }

    private static void below(MountContext context, Arg dev, String name, Arg.Result tree) {
        PlanBuilder plan = context.plan();
        plan.add(Sys.MKDIRAT, dev, Arg.str(name), Arg.octal(0755));
        MountCalls.attach(plan, tree, plan.add(Sys.OPENAT, dev, Arg.str(name), context.pathDirectory()));
    }
}
