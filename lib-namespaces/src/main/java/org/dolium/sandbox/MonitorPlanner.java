// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.host.Host;
import org.dolium.plan.LaunchPlan;

/// Plans the monitor of a detached container: what it does before it makes the container, and what the container's process does
/// before it executes the program of its own plan, which is that of an ordinary launch.
public final class MonitorPlanner {
    private MonitorPlanner() {}

    public static LaunchPlan plan(Host host, Monitoring monitoring) {
        throw new UnsupportedOperationException("not yet");
    }
}
