// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// The session keyring; see session-keyring(7). A process inherits that of its parent, and could read the keys in it.
public final class Keyring {
    /// The command of keyctl(2) that changes nothing. It fails with `ENOSYS` where the kernel has no keyrings and with
    /// `EPERM` where a system call filter forbids them.
    public static final int GET_KEYRING_ID = 0;
    /// The session keyring in place of a serial number.
    public static final int SESSION = -3;

    private static final Arg.Num JOIN_SESSION_KEYRING = Arg.flags(1, "KEYCTL_JOIN_SESSION_KEYRING");
    private static final Arg.Num SETPERM = Arg.flags(5, "KEYCTL_SETPERM");

    private Keyring() {}

    /// Appends the calls that make an empty one which only the process itself and its children can reach: by default
    /// everything else of the same uid may look into it as well.
    public static void lower(PlanBuilder plan) {
        Arg.Result keyring = plan.add(Sys.KEYCTL, JOIN_SESSION_KEYRING, Arg.NULL);
        plan.add(Sys.KEYCTL, SETPERM, keyring, Arg.flags(0x3f000000, "KEY_POS_ALL"));
    }
}
