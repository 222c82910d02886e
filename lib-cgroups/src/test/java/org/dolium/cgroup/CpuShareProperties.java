// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CpuShareProperties {
    @Example
    void the_ends_and_the_defaults_of_both_scales_mean_the_same() {
        assertThat(CpuShare.weight(2)).isEqualTo(1);
        assertThat(CpuShare.weight(1024)).isEqualTo(100);
        assertThat(CpuShare.weight(262_144)).isEqualTo(10_000);
        assertThat(CpuShare.shares(1)).isEqualTo(2);
        assertThat(CpuShare.shares(100)).isEqualTo(1024);
        assertThat(CpuShare.shares(10_000)).isEqualTo(262_144);
    }

    @Property
    void more_shares_are_never_less_weight(@ForAll @IntRange(min = 2, max = 262_143) int shares) {
        assertThat(CpuShare.weight(shares)).isBetween(1, CpuShare.weight(shares + 1));
    }

    @Property
    void a_weight_survives_the_way_to_shares_and_back(@ForAll @IntRange(min = 1, max = 10_000) int weight) {
        assertThat(CpuShare.weight(CpuShare.shares(weight))).isBetween(weight - 1, weight + 2);
    }
}
