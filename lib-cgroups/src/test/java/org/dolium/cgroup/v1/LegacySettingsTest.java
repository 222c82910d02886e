// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.HugePageSize;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.junit.jupiter.api.Test;

class LegacySettingsTest {
    private static Limits limits(Limit... limits) {
        Limits all = Limits.none();
        for (Limit limit : limits) {
            all = all.with(limit);
        }
        return all;
    }

    private static String lowered(Limit... limits) {
        return LegacySettings.lower(limits(limits)).toString();
    }

    @Test
    void memory_and_the_sum_of_memory_and_swap() {
        assertThat(lowered(Limit.memoryMax(64 << 20), Limit.swapMax(1 << 20), Limit.memoryLow(9)))
                .isEqualTo("[memory.limit_in_bytes = 67108864, memory.memsw.limit_in_bytes = 68157440,"
                        + " memory.soft_limit_in_bytes = 9]");
        assertThat(lowered(Limit.memoryMax(64 << 20), Limit.swapMax(Limit.UNLIMITED)))
                .isEqualTo("[memory.limit_in_bytes = 67108864, memory.memsw.limit_in_bytes = -1]");
        assertThat(lowered(Limit.memoryMax(Long.MAX_VALUE - 1), Limit.swapMax(5)))
                .isEqualTo("[memory.limit_in_bytes = 9223372036854775806, memory.memsw.limit_in_bytes = -1]");
    }

    @Test
    void processor_time() {
        assertThat(lowered(Limit.cpus(0.5), Limit.cpuBurst(Duration.ZERO), Limit.cpuShares(512), Limit.cpuIdle(false)))
                .isEqualTo("[cpu.cfs_period_us = 100000, cpu.cfs_quota_us = 50000, cpu.cfs_burst_us = 0, cpu.shares = 512,"
                        + " cpu.idle = 0]");
        assertThat(lowered(Limit.cpuWeight(100))).isEqualTo("[cpu.shares = 1024]");
    }

    @Test
    void what_has_no_equivalent_is_said_and_not_written() {
        assertThat(lowered(Limit.memoryHigh(1), Limit.oomGroup(true))).isEqualTo("[]");
        assertThat(LegacySettings.missing(Limit.memoryHigh(1), Limits.none())).contains("no equivalent");
        assertThat(LegacySettings.missing(Limit.swapMax(0), limits(Limit.swapMax(0)))).contains("needs a memory limit");
        assertThat(LegacySettings.missing(Limit.swapMax(0), limits(Limit.memoryMax(1 << 20)))).isNull();
    }

    @Test
    void disks_and_huge_pages() {
        assertThat(lowered(Limit.ioMax(new BlockDevice(8, 0)).readBps(10)))
                .isEqualTo("[blkio.throttle.read_bps_device = 8:0 10, blkio.throttle.write_bps_device = 8:0 0,"
                        + " blkio.throttle.read_iops_device = 8:0 0, blkio.throttle.write_iops_device = 8:0 0]");
        assertThat(lowered(Limit.ioWeight(100))).isEqualTo("[blkio.weight = 19, blkio.bfq.weight = 100]");
        assertThat(lowered(Limit.blkioWeight(500))).isEqualTo("[blkio.weight = 500, blkio.bfq.weight = 500]");
        assertThat(lowered(Limit.hugetlb(HugePageSize.parse("1GB"), 0)))
                .isEqualTo("[hugetlb.1GB.limit_in_bytes = 0, hugetlb.1GB.rsvd.limit_in_bytes = 0]");
    }

    @Test
    void the_sum_of_memory_and_swap_changes_with_memory() {
        Limits all = limits(Limit.memoryMax(64 << 20), Limit.swapMax(1 << 20));
        Limits more = limits(Limit.memoryMax(128 << 20));
        assertThat(LegacySettings.lower(more, all.with(more)).toString())
                .isEqualTo("[memory.limit_in_bytes = 134217728, memory.memsw.limit_in_bytes = 135266304]");
        Limits swap = limits(Limit.swapMax(0));
        assertThat(LegacySettings.lower(swap, all.with(swap)).toString())
                .isEqualTo("[memory.memsw.limit_in_bytes = 67108864]");
    }

    @Test
    void files_by_name_are_of_cgroup_v2() {
        assertThat(LegacySettings.missing(Limit.unified("memory.min", "1"), Limits.none())).contains("cgroup v1");
    }
}
