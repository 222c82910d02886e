// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// Gives the command default signal handling, whatever the JVM ignored or blocked.
public final class SignalReset {
    private static final int LAST = 64;
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;
    private static final int KERNEL_SIGACTION = 32;

    private SignalReset() {}

    /// clone3 resets handlers but keeps ignored signals ignored; this resets those too.
    public static void lowerHandlers(PlanBuilder plan) {
        Arg.Bytes byDefault = new Arg.Bytes(new byte[KERNEL_SIGACTION], "{SIG_DFL}");
        for (int signal = 1; signal <= LAST; signal++) {
            if (signal != SIGKILL && signal != SIGSTOP) {
                plan.add(Sys.RT_SIGACTION, Arg.num(signal), byDefault, Arg.NULL, Arg.num(8));
            }
        }
    }

    /// Unblocks every signal: the last step before the command, since a plan must not be interrupted.
    public static void lowerMask(PlanBuilder plan) {
        plan.add(Sys.RT_SIGPROCMASK, Arg.flags(2, "SIG_SETMASK"), new Arg.Bytes(new byte[8], "[]"), Arg.NULL, Arg.num(8));
    }
}
