// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The memory controller of cgroup v2.
final class Memory {
    private Memory() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.MemoryMax max = limits.find(Limit.MemoryMax.class);
        if (max != null) {
            settings.add(new Setting(max, "memory.max", UnifiedSettings.amount(max.bytes())));
        }
        Limit.SwapMax swap = limits.find(Limit.SwapMax.class);
        if (swap != null) {
            settings.add(new Setting(swap, "memory.swap.max", UnifiedSettings.amount(swap.bytes())));
        }
        Limit.MemoryHigh high = limits.find(Limit.MemoryHigh.class);
        if (high != null) {
            settings.add(new Setting(high, "memory.high", UnifiedSettings.amount(high.bytes())));
        }
        Limit.MemoryLow low = limits.find(Limit.MemoryLow.class);
        if (low != null) {
            settings.add(new Setting(low, "memory.low", Long.toString(low.bytes())));
        }
        Limit.OomGroup group = limits.find(Limit.OomGroup.class);
        if (group != null) {
            settings.add(new Setting(group, "memory.oom.group", group.whole() ? "1" : "0"));
        }
    }
}
