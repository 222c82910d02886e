// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.Limit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Two containers that want the same processor.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class WeightTest {
    @BeforeEach
    void root() {
        MustRun.root();
    }

    @Test
    void one_with_nine_times_the_weight_gets_about_nine_times_as_much() throws Exception {
        assertThat(shares(Limit.cpuWeight(900), Limit.cpuWeight(100))).isGreaterThan(4);
    }

    @Test
    void control_with_the_same_weight_both_get_about_the_same() throws Exception {
        assertThat(shares(Limit.cpuWeight(100), Limit.cpuWeight(100))).isBetween(0.5, 2.0);
    }

    @Test
    void an_idle_one_gets_what_the_other_leaves() throws Exception {
        assertThat(shares(Limit.cpuWeight(100), Limit.cpuIdle(true))).isGreaterThan(10);
    }

    /// How many times as much time the first gets, over 3 s.
    private static double shares(Limit first, Limit second) throws Exception {
        try (Container two = spinner(second); // before one that leaves it little
                Container one = spinner(first)) {
            long before = GroupFiles.cpuNanos(one);
            long beforeTwo = GroupFiles.cpuNanos(two);
            Thread.sleep(3000);
            long used = GroupFiles.cpuNanos(one) - before;
            return (double) used / Math.max(1, GroupFiles.cpuNanos(two) - beforeTwo);
        }
    }

    private static Container spinner(Limit limit) throws Exception {
        return ContainerBuilder.create().command("sh", "-c", "while :; do :; done")
                .limit(Limit.cpusetCpus(CpuSet.of(0))).limit(limit).start();
    }
}
