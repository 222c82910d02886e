// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.file.CgroupDirectory;

/// What is in force without having been asked for: a number of processes, and no swap beside a memory limit.
final class ImpliedLimits {
    private static final long PIDS = 4096;

    private ImpliedLimits() {}

    /// @param withGroup whether the container is to have a cgroup at all
    static Limits complete(Limits wanted, boolean withGroup) throws IOException {
        Limits limits = wanted;
        if (limits.find(Limit.PidsMax.class) == null && withGroup) {
            limits = Limits.none().with(Limit.pids(PIDS), Requirement.PREFERRED).with(limits);
        }
        return withSwap(limits, Limits.none());
    }

    /// A memory limit without swap, unless something was said about swap.
    static Limits withSwap(Limits limits, Limits inForce) {
        Limit.MemoryMax memory = limits.find(Limit.MemoryMax.class);
        if (memory == null || memory.bytes() == Limit.UNLIMITED
                || limits.find(Limit.SwapMax.class) != null || inForce.find(Limit.SwapMax.class) != null) {
            return limits;
        }
        return limits.with(Limit.swapMax(0), machineHasSwap() ? limits.requirement(memory) : Requirement.PREFERRED);
    }

    /// Where there is none, a kernel that does not account for it limits memory as well as one that does.
    private static boolean machineHasSwap() {
        try {
            String swaps = CgroupDirectory.readPath("/proc/swaps"); // a line of headings, then one for each
            return swaps.indexOf('\n') < swaps.length() - 1;
        } catch (IOException e) {
            return true; // not known
        }
    }
}
