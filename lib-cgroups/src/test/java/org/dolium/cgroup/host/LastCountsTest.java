// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastCountsTest {
    private static LastCounts parse(String memory, String cpu, String peak) {
        byte[] texts = new byte[3 * 256];
        String[] all = {memory, cpu, peak};
        for (int i = 0; i < all.length; i++) {
            byte[] text = all[i].getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, texts, 256 * i, text.length);
        }
        return LastCounts.parse(texts);
    }

    @Test
    void files_of_cgroup_v2_are_read() {
        assertThat(parse("low 0\noom 5\noom_kill 2\noom_group_kill 1\n", "usage_usec 77\nuser_usec 7\n", "4096\n"))
                .isEqualTo(new LastCounts(2, 77_000, 4096));
    }

    @Test
    void files_of_cgroup_v1_are_read() {
        assertThat(parse("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "77\n", "4096\n")).isEqualTo(new LastCounts(3, 77, 4096));
    }

    @Test
    void of_two_that_were_read_each_figure_is_the_larger_one() {
        assertThat(new LastCounts(2, -1, 4096).orMore(new LastCounts(0, 77, 512))).isEqualTo(new LastCounts(2, 77, 4096));
        assertThat(LastCounts.NONE.orMore(LastCounts.NONE)).isEqualTo(LastCounts.NONE);
    }

    @Test
    void what_was_not_there_was_not_counted() {
        assertThat(parse("", "", "")).isEqualTo(LastCounts.NONE);
        assertThat(LastCounts.parse(new byte[0])).isEqualTo(LastCounts.NONE);
    }
}
