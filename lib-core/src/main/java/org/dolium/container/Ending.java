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

    /// @param killed whether the JVM killed it
    static Ending of(Exit exit, Group group, boolean killed) {
        Cgroup cgroup = group.cgroup();
        long nanos = -1;
        long peak = -1;
        long kills = 0;
        try {
            if (cgroup != null) {
                nanos = cgroup.cpuNanos();
                peak = cgroup.peakMemory();
                kills = cgroup.oomKills();
            }
        } catch (IOException | IllegalStateException e) {
            // somebody else removed the group: what was read until then counts
        }
        Duration time = Duration.ofNanos(nanos < 0 ? exit.cpuNanos() : nanos);
        return new Ending(status(exit, kills > 0 && !killed), time, peak, kills);
    }

    private static ExitStatus status(Exit exit, boolean outOfMemory) {
        if (!exit.signalled()) {
            return new ExitStatus.Exited(exit.status());
        }
        if (outOfMemory && exit.status() == Signal.KILL.number()) {
            return new ExitStatus.OutOfMemory();
        }
        return new ExitStatus.Signalled(new Signal(exit.status()), exit.coreDumped());
    }
}
