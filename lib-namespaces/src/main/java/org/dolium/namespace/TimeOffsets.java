// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// By how much the clocks of a new time namespace differ from the host's; see time_namespaces(7).
///
/// @param monotonic added to `CLOCK_MONOTONIC`
/// @param boottime added to `CLOCK_BOOTTIME`
public record TimeOffsets(Duration monotonic, Duration boottime) {
    private static final long O_WRONLY_CLOEXEC = 0x80001;

    /// The kernel takes no more seconds in either direction.
    private static final long MOST_SECONDS = 4_611_686_018L;

    public TimeOffsets {
        check(monotonic);
        check(boottime);
    }

    private static void check(Duration offset) {
        if (Math.abs(offset.getSeconds()) > MOST_SECONDS || offset.getSeconds() == Long.MIN_VALUE) {
            throw new IllegalArgumentException("clock offset " + offset + " is longer than 146 years");
        }
    }

    /// What to write to `/proc/PID/timens_offsets`.
    public String toProcText() {
        return line("monotonic", monotonic) + line("boottime", boottime);
    }

    private static String line(String clock, Duration offset) {
        return clock + " " + offset.getSeconds() + " " + offset.getNano() + "\n";
    }

    /// Makes the time namespace and sets its clocks. The process enters it when it runs its command, by execve.
    public void lower(PlanBuilder plan) {
        plan.add(Sys.UNSHARE, Arg.flags(NamespaceKind.TIME.cloneFlag(), NamespaceKind.TIME.flagName()));
        byte[] text = toProcText().getBytes(StandardCharsets.US_ASCII);
        Arg.Result file = plan.add(
                Sys.OPENAT,
                Arg.AT_FDCWD,
                Arg.str("/proc/self/timens_offsets"),
                Arg.flags(O_WRONLY_CLOEXEC, "O_WRONLY|O_CLOEXEC"));
        plan.addExact(
                Syscall.of(Sys.WRITE, file, Arg.str(text), Arg.num(text.length)), text.length);
        plan.add(Sys.CLOSE, file);
    }
}
