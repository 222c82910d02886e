// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.HugePageSize;
import org.dolium.cgroup.Limit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Run by [ContainersVmTest]: limits that only cgroup v2 has, or that need a machine of their own.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class UnifiedCases {
    private static final Duration LIMIT = Slow.seconds(30);
    private static final String EATER = "x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 25000000 ] && break; done; echo done";
    private static final Path HUGE_PAGES = Path.of("/proc/sys/vm/nr_hugepages");

    /// The kernel swaps out what is above, and lets the program go on.
    @Test
    void a_program_that_needs_more_than_the_high_mark_is_held_near_it() throws Exception {
        Result result = ContainerBuilder.create().command("sh", "-c", EATER).limit(Limit.memoryHigh(20 << 20)).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("done\n");
        assertThat(result.peakMemory().orElseThrow().bytes()).isLessThan(40 << 20);
    }

    @Test
    void control_without_a_mark_it_has_what_it_wants() throws Exception {
        Result result = ContainerBuilder.create().command("sh", "-c", EATER).run(LIMIT);
        assertThat(result.peakMemory().orElseThrow().bytes()).isGreaterThan(44 << 20);
    }

    @Test
    void huge_pages_end_at_their_limit() throws Exception {
        assertThat(takeTwoHugePages(2 << 20)).isNotZero();
    }

    @Test
    void control_with_a_higher_limit_there_are_two() throws Exception {
        assertThat(takeTwoHugePages(4 << 20)).isZero();
    }

    private static int takeTwoHugePages(long limit) throws Exception {
        Files.writeString(HUGE_PAGES, "8");
        try {
            Result result = ContainerBuilder.create()
                    .command("sh", "-c", "mount -t hugetlbfs -o pagesize=2M none /mnt && fallocate -l 4M /mnt/taken")
                    .capabilities(CapabilitySets.standard().plus(Capability.SYS_ADMIN))
                    .limit(Limit.hugetlb(HugePageSize.parse("2MB"), limit)).run(LIMIT);
            assertThat(result.stderr()).doesNotContain("mount:");
            return result.status().shellCode();
        } finally {
            Files.writeString(HUGE_PAGES, "0");
        }
    }
}
