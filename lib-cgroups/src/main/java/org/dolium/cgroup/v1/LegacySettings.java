// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;
import org.jspecify.annotations.Nullable;

/// Limits as the files of cgroup v1.
public final class LegacySettings {
    private LegacySettings() {}

    /// As [#lower(Limits, Limits)], for a new group.
    public static List<Setting> lower(Limits limits) {
        return lower(limits, limits);
    }

    /// The values to write, in an order in which they can be written. What [#missing] tells of is left out; devices are
    /// written by [org.dolium.cgroup.device.LegacyDevices].
    ///
    /// @param limits what is new
    /// @param all what is in force with it
    public static List<Setting> lower(Limits limits, Limits all) {
        List<Setting> settings = new ArrayList<>();
        Memory.lower(limits, all, settings);
        Cpu.lower(limits, settings);
        Pids.lower(limits, settings);
        Cpuset.lower(limits, settings);
        Blkio.lower(limits, settings);
        Hugetlb.lower(limits, settings);
        return settings;
    }

    /// Why cgroup v1 can't enforce a limit, or null if it can.
    public static @Nullable String missing(Limit limit, Limits all) {
        if (limit instanceof Limit.MemoryHigh || limit instanceof Limit.OomGroup) {
            return "cgroup v1 has no equivalent";
        }
        if (limit instanceof Limit.Unified) {
            return "this machine has cgroup v1";
        }
        if (limit instanceof Limit.SwapMax swap && swap.bytes() != Limit.UNLIMITED && !Memory.limited(all)) {
            return "cgroup v1 limits the sum of memory and swap, so it needs a memory limit beside it";
        }
        return null;
    }
}
