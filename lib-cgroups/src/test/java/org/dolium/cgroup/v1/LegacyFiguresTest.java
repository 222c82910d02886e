// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Texts;
import org.junit.jupiter.api.Test;

class LegacyFiguresTest {
    private static final Instant NOW = Instant.EPOCH;

    private static Stats stats(Map<String, String> texts) {
        return LegacyFigures.of(NOW, texts, List.of(), Stats.Pressures.UNKNOWN);
    }

    private static OptionalLong is(long value) {
        return OptionalLong.of(value);
    }

    @Test
    void the_texts_of_linux_6_18_mean() throws Exception {
        Stats stats = stats(Texts.of("v1-6.18.txt"));
        assertThat(stats.cpu())
                .isEqualTo(new Stats.Cpu(is(751484009), is(699751786), is(176000000), is(47), is(35), is(1184906673)));
        assertThat(stats.memory()).isEqualTo(new Stats.Memory(
                is(44568576), is(48123904), is(44568576 - 42086400), is(67108864), is(0), is(446464), is(42397696),
                is(1675264), new Stats.MemoryEvents(OptionalLong.empty(), is(0), OptionalLong.empty(), is(0))));
        assertThat(stats.pids()).isEqualTo(new Stats.Pids(is(18), is(20), is(2)));
    }

    @Test
    void the_largest_number_is_no_limit() {
        Map<String, String> texts = new HashMap<>(
                Map.of("memory.limit_in_bytes", "9223372036854771712\n", "pids.max", "max\n"));
        assertThat(stats(texts).memory().limitBytes()).isEmpty();
        assertThat(stats(texts).pids().limit()).isEmpty();
        texts.put("memory.limit_in_bytes", "9223372036854710272\n"); // pages of 64 KiB
        assertThat(stats(texts).memory().limitBytes()).isEmpty();
        texts.put("memory.limit_in_bytes", "1099511627776\n");
        assertThat(stats(texts).memory().limitBytes()).hasValue(1L << 40);
    }

    @Test
    void devices_have_bytes_and_operations() {
        Map<String, String> texts = Map.of(
                IoFigures.BYTES, """
                        8:16 Read 4096
                        8:16 Write 81920
                        8:16 Sync 86016
                        8:16 Async 0
                        8:16 Discard 0
                        8:16 Total 86016
                        8:1 Read 7
                        8:1 Write 8
                        Total 86031
                        """,
                IoFigures.OPERATIONS, "8:16 Read 1\n8:16 Write 20\nTotal 21\n");
        assertThat(stats(texts).io()).containsExactly(
                new Stats.DeviceIo("8:16", is(4096), is(81920), is(1), is(20)),
                new Stats.DeviceIo("8:1", is(7), is(8), OptionalLong.empty(), OptionalLong.empty()));
    }

    @Test
    void both_limits_of_memory_count_as_one() {
        Map<String, String> texts = Map.of("memory.failcnt", "3\n", "memory.memsw.failcnt", "4\n");
        assertThat(stats(texts).memory().events().max()).hasValue(7);
        assertThat(stats(Map.of("memory.failcnt", "3\n")).memory().events().max()).hasValue(3);
    }

    @Test
    void what_is_not_there_is_absent() {
        Stats nothing = stats(Map.of());
        OptionalLong no = OptionalLong.empty();
        assertThat(nothing).isEqualTo(new Stats(
                NOW, new Stats.Cpu(no, no, no, no, no, no),
                new Stats.Memory(no, no, no, no, no, no, no, no, new Stats.MemoryEvents(no, no, no, no)),
                new Stats.Pids(no, no, no), List.of(), List.of(), Stats.Pressures.UNKNOWN));
    }

    /// A file that was forgotten would be absent for ever.
    @Test
    void every_file_that_is_looked_at_is_read() throws Exception {
        List<String> read = new ArrayList<>();
        for (Controller controller : Controller.values()) {
            read.addAll(LegacyFigures.files(controller));
        }
        Map<String, String> known = Texts.of("v1-6.18.txt");
        known.put("memory.failcnt", "3\n");
        known.put("memory.memsw.failcnt", "4\n");
        Map<String, String> kept = new HashMap<>(known);
        kept.keySet().retainAll(read);
        assertThat(stats(kept)).isEqualTo(stats(known));
        for (String file : read) {
            Map<String, String> less = new HashMap<>(known);
            less.remove(file);
            assertThat(stats(less)).as("without " + file).isNotEqualTo(stats(known));
        }
    }
}
