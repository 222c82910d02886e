// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;
import org.jspecify.annotations.Nullable;

/// The memory controller of cgroup v1, which limits memory, and the sum of memory and swap.
final class Memory {
    private static final String NONE = "-1";

    private Memory() {}

    static boolean limited(Limits limits) {
        Limit.MemoryMax max = limits.find(Limit.MemoryMax.class);
        return max != null && max.bytes() != Limit.UNLIMITED;
    }

    /// The sum of memory and swap changes with either of them.
    static void lower(Limits limits, Limits all, List<Setting> settings) {
        Limit.MemoryMax max = limits.find(Limit.MemoryMax.class);
        if (max != null) {
            settings.add(new Setting(max, "memory.limit_in_bytes", amount(max.bytes())));
        }
        Limit.SwapMax swap = all.find(Limit.SwapMax.class);
        if (swap != null && (max != null || limits.find(Limit.SwapMax.class) != null)) {
            String sum = amount(sum(all.find(Limit.MemoryMax.class), swap));
            settings.add(new Setting(swap, "memory.memsw.limit_in_bytes", sum));
        }
        Limit.MemoryLow low = limits.find(Limit.MemoryLow.class);
        if (low != null) {
            settings.add(new Setting(low, "memory.soft_limit_in_bytes", Long.toString(low.bytes())));
        }
    }

    private static long sum(Limit.@Nullable MemoryMax max, Limit.SwapMax swap) {
        if (max == null || max.bytes() == Limit.UNLIMITED || swap.bytes() == Limit.UNLIMITED) {
            return Limit.UNLIMITED;
        }
        long sum = max.bytes() + swap.bytes();
        return sum < 0 ? Limit.UNLIMITED : sum;
    }

    private static String amount(long bytes) {
        return bytes == Limit.UNLIMITED ? NONE : Long.toString(bytes);
    }
}
