// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// A pseudoterminal of the container's own, allocated in the file system at its /dev/pts; see pts(4).
///
/// The master is opened in that file system by its descriptor, the slave is the master's peer, and both are looked at before they
/// are used. Afterwards the master is descriptor 0, for the JVM, and the slave is 1 and 2. When a container is made, the file system
/// was just mounted, no name is looked up, and /dev/console is the slave, too.
///
/// @param rows the size of its window
/// @param columns the size of its window
/// @param uid whose it is: the user's as the container sees it
public record Terminal(int rows, int columns, long uid) {
    /// Where the plan leaves the master.
    public static final int MASTER_FD = 0;

    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 0x80102;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFREG = 0100000;
    private static final int STATX_SIZE = 256;
    private static final int STATX_MODE = 24; // the word with stx_mode in its third 16-bit part
    private static final int STATX_RDEV = 128;
    private static final int STATFS_SIZE = 120;
    private static final int DEVPTS_SUPER_MAGIC = 0x1cd1;

    void lower(MountContext context, Arg dev, Arg.Result pts) {
        PlanBuilder plan = context.plan();
        Arg.Result master = plan.add(Sys.OPENAT, pts, Arg.str("ptmx"), context.terminalNoFollow());
        verify(plan, master, 5, 2);
        Arg.Result slave = peer(plan, master);
        verify(plan, slave, 136, 0); // the first of this file system
        plan.add(Sys.FCHOWNAT, slave, MountFlags.EMPTY, Arg.num(uid), Arg.num(-1), MountFlags.EMPTY_PATH);
        console(context, dev, slave);
        streams(plan, master, slave);
    }

    /// Appends the steps that allocate it in a container that runs, by a process that is in its mount namespace. Whatever the container
    /// has put at that path: nothing is opened there but a master, in a file system of terminals, that nothing is mounted on.
    public void lowerInside(PlanBuilder plan) {
        Arg.Result pts = plan.add(
                Sys.OPENAT2, Arg.AT_FDCWD, Arg.str("/dev/pts"),
                MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 6, "RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS"), Arg.num(24));
        isInDevpts(plan, pts);
        Arg.Result master = plan.add(
                Sys.OPENAT2, pts, Arg.str("ptmx"),
                MountFlags.openHow(
                        O_RDWR_NOCTTY_CLOEXEC, "O_RDWR|O_NOCTTY|O_CLOEXEC", 7,
                        "RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS"),
                Arg.num(24));
        verify(plan, master, 5, 2);
        Arg.Result slave = peer(plan, master);
        verify(plan, slave, 136, -1);
        plan.add(Sys.FCHOWNAT, slave, MountFlags.EMPTY, Arg.num(uid), Arg.num(-1), MountFlags.EMPTY_PATH);
        streams(plan, master, slave);
    }

    private Arg.Result peer(PlanBuilder plan, Arg.Result master) {
        plan.add(
                Sys.IOCTL, master, Arg.flags(TIOCSPTLCK, "TIOCSPTLCK"), new Arg.Bytes(new byte[4], "[0]"));
        plan.add(Sys.IOCTL, master, Arg.flags(TIOCSWINSZ, "TIOCSWINSZ"), size());
        return plan.add(
                Sys.IOCTL, master, Arg.flags(TIOCGPTPEER, "TIOCGPTPEER"),
                Arg.flags(O_RDWR_NOCTTY_CLOEXEC, "O_RDWR|O_NOCTTY|O_CLOEXEC"));
    }

    private static void streams(PlanBuilder plan, Arg.Result master, Arg.Result slave) {
        plan.add(Sys.DUP3, master, Arg.num(MASTER_FD), Arg.num(0));
        plan.add(Sys.DUP3, slave, Arg.num(1), Arg.num(0));
        plan.add(Sys.DUP3, slave, Arg.num(2), Arg.num(0));
    }

    private Arg.Bytes size() {
        byte[] winsize = {(byte) rows, (byte) (rows >>> 8), (byte) columns, (byte) (columns >>> 8), 0, 0, 0, 0};
        return new Arg.Bytes(winsize, "{ws_row=" + rows + ", ws_col=" + columns + "}");
    }

    /// @param minor the number that it must have, or -1 for any
    private static void verify(PlanBuilder plan, Arg.Result terminal, int major, int minor) {
        Arg.Result statx = plan.add(Syscall.of(
                Sys.STATX, terminal, MountFlags.EMPTY, MountFlags.EMPTY_PATH, Arg.flags(1, "STATX_TYPE"),
                new Arg.Buffer(STATX_SIZE, new byte[0], "[statx]")));
        plan.expect(statx, 4, STATX_MODE, 0xf000L << 32, (long) S_IFCHR << 32, "is a character device");
        if (minor < 0) {
            plan.expect(statx, 4, STATX_RDEV, 0xffffffffL, major, "has device number " + major + ":*");
        } else {
            plan.expect(
                    statx, 4, STATX_RDEV, -1L, major | (long) minor << 32, "has device number " + major + ":" + minor);
        }
        isInDevpts(plan, terminal);
    }

    private static void isInDevpts(PlanBuilder plan, Arg.Result file) {
        Arg.Result statfs = plan.add(Sys.FSTATFS, file, new Arg.Buffer(STATFS_SIZE, new byte[0], "[statfs]"));
        plan.expect(statfs, 1, 0, -1L, DEVPTS_SUPER_MAGIC, "is in a devpts");
    }

    private static void console(MountContext context, Arg dev, Arg.Result slave) {
        PlanBuilder plan = context.plan();
        Arg.Result tree = plan.add(Sys.OPEN_TREE, slave, MountFlags.EMPTY, MountFlags.OPEN_TREE_OF_FD);
        plan.add(Sys.MKNODAT, dev, Arg.str("console"), Arg.flags(S_IFREG | 0600, "S_IFREG|0600"), Arg.num(0));
        MountCalls.attach(plan, tree, plan.add(Sys.OPENAT, dev, Arg.str("console"), context.pathNoFollow()));
    }
}
