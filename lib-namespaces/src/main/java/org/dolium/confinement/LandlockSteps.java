// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// Lowers [Landlock] rules for a version of Landlock: what that does not know is left out.
///
/// A rule holds the number of a descriptor. It is known in advance: everything above the status descriptor was closed, and
/// the kernel gives the lowest free number; the step fails if it does not.
final class LandlockSteps {
    private static final int RULESET = 4;
    private static final int PLACE = 5;
    /// Rights by the version that has them first: all up to these bits.
    private static final int[] LAST_BIT = {-1, 12, 13, 14, 14, 15};
    /// The rights that a rule about a single file may have.
    private static final long OF_FILES = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;
    private static final int BIND_TCP = 1;
    private static final int CONNECT_TCP = 2;
    private static final Arg.Num PATH_BENEATH = Arg.flags(1, "LANDLOCK_RULE_PATH_BENEATH");
    private static final Arg.Num NET_PORT = Arg.flags(2, "LANDLOCK_RULE_NET_PORT");

    private final PlanBuilder plan;
    private final boolean again;
    private final long handled;
    private final Arg.Result ruleset;

    private LandlockSteps(PlanBuilder plan, boolean again, long handled, Arg.Result ruleset) {
        this.plan = plan;
        this.again = again;
        this.handled = handled;
        this.ruleset = ruleset;
    }

    /// @param again whether somebody is under these rules already, who may have made links
    static void lower(PlanBuilder plan, Landlock rules, int version, boolean again) {
        long known = (1L << LAST_BIT[Math.min(version, LAST_BIT.length - 1)] + 1) - 1;
        long handled = rules.limitsFiles() ? known : 0;
        int ports = version < 4 ? 0 : (rules.bound() == null ? 0 : BIND_TCP) | (rules.connected() == null ? 0 : CONNECT_TCP);
        int scopes = rules.isScoped() && version >= 6 ? 3 : 0; // abstract sockets, signals
        if (handled == 0 && ports == 0 && scopes == 0) {
            return;
        }
        byte[] attributes = new byte[version < 4 ? 8 : version < 6 ? 16 : 24];
        put(attributes, 0, handled);
        if (version >= 4) {
            attributes[8] = (byte) ports;
        }
        if (version >= 6) {
            attributes[16] = (byte) scopes;
        }
        Arg.Result ruleset = plan.addExact(
                Syscall.of(
                        Sys.LANDLOCK_CREATE_RULESET,
                        new Arg.Bytes(attributes, "{fs=0x" + Long.toHexString(handled) + ", net=" + ports + ", scoped=" + scopes
                                + "}"),
                        Arg.num(attributes.length), Arg.num(0)),
                RULESET);
        LandlockSteps steps = new LandlockSteps(plan, again, handled, ruleset);
        for (int i = 0; i < rules.paths().size(); i++) {
            steps.path(rules.paths().get(i));
        }
        if (version >= 4) {
            steps.ports(rules.bound(), BIND_TCP);
            steps.ports(rules.connected(), CONNECT_TCP);
        }
        plan.add(Sys.LANDLOCK_RESTRICT_SELF, ruleset, Arg.num(0));
        plan.add(Sys.CLOSE, ruleset);
    }

    /// The rights of files fit everything; those of directories only directories, and a file refuses them.
    private void path(Landlock.PathRule rule) {
        long access = rule.access() & handled;
        if (again) {
            pathWithoutLinks(rule.path(), access);
            return;
        }
        Arg.Result place = plan.addExact(
                Syscall.of(
                        Sys.OPENAT2, Arg.AT_FDCWD, Arg.str(rule.path()),
                        MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 2, "RESOLVE_NO_MAGICLINKS"), Arg.num(24)),
                PLACE);
        plan.add(add(PATH_BENEATH, access & OF_FILES, PLACE, rule.path()));
        plan.addTolerant(add(PATH_BENEATH, access, PLACE, rule.path()), Errno.EINVAL);
        plan.add(Sys.CLOSE, place);
    }

    /// A path that leads through a link gives no right, which is never more than the first time; what it leads to mostly has a
    /// rule of its own.
    private void pathWithoutLinks(String path, long access) {
        Arg.Result place = plan.addExact(
                Syscall.of(
                        Sys.OPENAT2, Arg.AT_FDCWD, Arg.str(path),
                        MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 6, "RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS"),
                        Arg.num(24)),
                PLACE, Errno.ELOOP);
        plan.addTolerant(add(PATH_BENEATH, access & OF_FILES, PLACE, path), Errno.EBADF);
        plan.addTolerant(add(PATH_BENEATH, access, PLACE, path), Errno.EINVAL, Errno.EBADF);
        plan.add(Sys.CLOSE, place);
    }

    private void ports(@Nullable List<Integer> ports, int access) {
        for (int i = 0; ports != null && i < ports.size(); i++) {
            plan.add(add(NET_PORT, access, ports.get(i), "port"));
        }
    }

    private Syscall add(Arg.Num type, long access, int object, String what) {
        byte[] attributes = new byte[16]; // the rule of a path is packed: 12 bytes
        put(attributes, 0, access);
        put(attributes, 8, object);
        return Syscall.of(
                Sys.LANDLOCK_ADD_RULE, ruleset, type,
                new Arg.Bytes(attributes, "{access=0x" + Long.toHexString(access) + ", " + object + "} /* " + what + " */"),
                Arg.num(0));
    }

    private static void put(byte[] target, int at, long value) {
        for (int i = 0; i < 8; i++) {
            target[at + i] = (byte) (value >>> 8 * i);
        }
    }
}
