// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.HugePageSize;
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

    @Test
    void sets_of_processors_and_nodes() {
        assertThat(lowered(Limit.cpusetCpus(CpuSet.parse("3,0-1")), Limit.cpusetMems(CpuSet.of(0))))
                .isEqualTo("[cpuset.cpus = 0-1,3, cpuset.mems = 0]");
    }

    @Test
    void each_disk_has_one_line() {
        Limit.IoMax first = Limit.ioMax(new BlockDevice(8, 0)).readBps(10).writeIops(20);
        assertThat(lowered(first, Limit.ioMax(new BlockDevice(8, 16)).writeBps(30), first.readIops(40)))
                .isEqualTo("[io.max = 8:16 rbps=max wbps=30 riops=max wiops=max,"
                        + " io.max = 8:0 rbps=10 wbps=max riops=40 wiops=20]");
    }

    @Test
    void a_weight_of_disks_is_said_to_both_schedulers() {
        assertThat(lowered(Limit.ioWeight(100))).isEqualTo("[io.weight = 100, io.bfq.weight = 100]");
        assertThat(lowered(Limit.ioWeight(10_000))).isEqualTo("[io.weight = 10000, io.bfq.weight = 1000]");
        assertThat(lowered(Limit.blkioWeight(500))).isEqualTo("[io.weight = 4950, io.bfq.weight = 500]");
        assertThat(lowered(Limit.blkioWeight(10), Limit.ioWeight(1))).isEqualTo("[io.weight = 1, io.bfq.weight = 1]");
    }

    @Test
    void huge_pages_and_files_by_name_which_come_last() {
        assertThat(lowered(Limit.unified("memory.min", "5"), Limit.hugetlb(HugePageSize.parse("2MB"), 4), Limit.pids(1)))
                .isEqualTo("[pids.max = 1, hugetlb.2MB.max = 4, hugetlb.2MB.rsvd.max = 4, memory.min = 5]");
        assertThat(lowered(Limit.devices(DeviceRule.standard()))).as("no file").isEqualTo("[]");
    }
}
