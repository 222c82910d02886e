// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.junit.jupiter.api.Test;

class UnifiedSettingsTest {
    private static String lowered(Limit... limits) {
        Limits all = Limits.none();
        for (Limit limit : limits) {
            all = all.with(limit);
        }
        return UnifiedSettings.lower(all).toString();
    }

    @Test
    void memory() {
        assertThat(lowered(
                        Limit.memoryMax(64 << 20), Limit.swapMax(0), Limit.memoryHigh(48 << 20), Limit.memoryLow(1),
                        Limit.oomGroup(true)))
                .isEqualTo("[memory.max = 67108864, memory.swap.max = 0, memory.high = 50331648, memory.low = 1,"
                        + " memory.oom.group = 1]");
        assertThat(lowered(Limit.memoryMax(Limit.UNLIMITED), Limit.swapMax(Limit.UNLIMITED)))
                .isEqualTo("[memory.max = max, memory.swap.max = max]");
    }

    @Test
    void processor_time() {
        assertThat(lowered(Limit.cpus(1.5), Limit.cpuBurst(Duration.ofMillis(20)), Limit.cpuWeight(7), Limit.cpuIdle(true)))
                .isEqualTo("[cpu.max = 150000 100000, cpu.max.burst = 20000, cpu.weight = 7, cpu.idle = 1]");
        assertThat(lowered(Limit.cpuQuota(Limit.CpuQuota.NO_QUOTA, Duration.ofMillis(50))))
                .isEqualTo("[cpu.max = max 50000]");
        assertThat(lowered(Limit.cpuShares(1024))).isEqualTo("[cpu.weight = 100]");
    }

    @Test
    void the_last_word_on_the_same_thing_counts() {
        assertThat(lowered(Limit.cpuShares(1024), Limit.cpuWeight(9))).isEqualTo("[cpu.weight = 9]");
        assertThat(lowered(Limit.pids(5), Limit.pids(Limit.UNLIMITED))).isEqualTo("[pids.max = max]");
    }
}
