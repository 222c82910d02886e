// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.host.Swap;

/// What is in force without having been asked for: a number of processes, no swap beside a memory limit, and a list of devices
/// for a container that could make any.
final class ImpliedLimits {
    private static final long PIDS = 4096;

    private ImpliedLimits() {}

    /// @param withGroup whether the container is to have a cgroup at all
    /// @param makesDevices whether the container could make device files that work
    static Limits complete(Limits wanted, boolean withGroup, boolean makesDevices) {
        Limits limits = wanted;
        if (limits.find(Limit.PidsMax.class) == null && withGroup) {
            limits = Limits.none().with(Limit.pids(PIDS), Requirement.PREFERRED).with(limits);
        }
        if (makesDevices && limits.find(Limit.Devices.class) == null) {
            Requirement list = withGroup ? Requirement.REQUIRED : Requirement.PREFERRED; // no group: so it was wanted
            limits = limits.with(Limit.devices(DeviceRule.standard()), list);
        }
        return withSwap(limits, Limits.none());
    }

    /// A memory limit without swap, unless something was said about swap. Where the machine has none, a kernel that does
    /// not account for it limits memory as well as one that does.
    static Limits withSwap(Limits limits, Limits inForce) {
        Limit.MemoryMax memory = limits.find(Limit.MemoryMax.class);
        if (memory == null || memory.bytes() == Limit.UNLIMITED
                || limits.find(Limit.SwapMax.class) != null || inForce.find(Limit.SwapMax.class) != null) {
            return limits;
        }
        return limits.with(Limit.swapMax(0), Swap.here() ? limits.requirement(memory) : Requirement.PREFERRED);
    }
}
