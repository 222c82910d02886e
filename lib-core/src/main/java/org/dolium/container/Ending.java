// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.launch.Exit;

/// How a container ended and what it used, read from its cgroup before that is removed.
///
/// @param peakMemory in bytes, or -1 if nobody counted
record Ending(ExitStatus status, Duration cpuTime, long peakMemory, long oomKills) {
    private static final int BY_SIGNAL = 128;

    static Ending of(Exit exit, ExitStatus status, Group group) {
        Cgroup cgroup = group.cgroup();
        long nanos = -1;
        long peak = -1;
        try {
            if (cgroup != null) {
                nanos = cgroup.cpuNanos();
                peak = cgroup.peakMemory();
            }
        } catch (IOException | IllegalStateException e) {
            // somebody else removed the group: what was read until then counts
        }
        Duration time = Duration.ofNanos(nanos < 0 ? exit.cpuNanos() : nanos);
        return new Ending(status, time, peak, oomKills(group));
    }

    /// @param killed whether the JVM killed it
    /// @param init whether an init tells how the command ended
    static ExitStatus status(Exit exit, Group group, boolean killed, boolean init) {
        return status(exit, group, killed, init, 0);
    }

    /// @param before how many processes of the group the kernel had killed before the command began
    static ExitStatus status(Exit exit, Group group, boolean killed, boolean init, long before) {
        boolean mayBe = !killed && signal(exit, init) == Signal.KILL.number();
        return status(exit, mayBe ? oomKills(group) - before : 0, killed, init);
    }

    private static int signal(Exit exit, boolean init) {
        return exit.signalled() ? exit.status() : init ? exit.status() - BY_SIGNAL : 0;
    }

    /// @param oomKills how many processes the kernel killed for lack of memory
    static ExitStatus status(Exit exit, long oomKills, boolean killed, boolean init) {
        if (!killed && signal(exit, init) == Signal.KILL.number() && oomKills > 0) {
            return new ExitStatus.OutOfMemory();
        }
        if (!exit.signalled()) {
            return new ExitStatus.Exited(exit.status());
        }
        return new ExitStatus.Signalled(new Signal(exit.status()), exit.coreDumped());
    }

    static long oomKills(Group group) {
        Cgroup cgroup = group.cgroup();
        try {
            return cgroup == null ? 0 : cgroup.oomKills();
        } catch (IOException | IllegalStateException e) {
            return 0; // somebody else removed the group
        }
    }
}
