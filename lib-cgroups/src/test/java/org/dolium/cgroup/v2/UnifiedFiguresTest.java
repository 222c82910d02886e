// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Texts;
import org.junit.jupiter.api.Test;

class UnifiedFiguresTest {
    private static Stats stats(Map<String, String> texts) {
        return UnifiedFigures.of(Instant.EPOCH, texts, List.of());
    }

    private static OptionalLong is(long value) {
        return OptionalLong.of(value);
    }

    @Test
    void the_texts_of_linux_6_1_mean() throws Exception {
        Stats stats = stats(Texts.of("v2-6.1.txt"));
        assertThat(stats.cpu()).isEqualTo(new Stats.Cpu(
                is(5087725_000L), is(3083795_000L), is(2003929_000L), is(253), is(253), is(30537879_000L)));
        assertThat(stats.memory()).isEqualTo(new Stats.Memory(
                is(46301184), is(46637056), is(46301184 - 42070016), is(67108864), is(0), is(1331200), is(42090496),
                is(2748416), new Stats.MemoryEvents(is(0), is(0), is(0), is(0))));
        assertThat(stats.pids()).isEqualTo(new Stats.Pids(is(18), is(20), is(1)));
        assertThat(stats.io()).containsExactly(
                new Stats.DeviceIo("254:48", is(4096), is(41943040), is(1), is(36)),
                new Stats.DeviceIo("254:32", is(135168), is(0), is(7), is(0)));
        assertThat(stats.pressure().cpu()).hasValue(new Stats.Pressure(
                new Stats.Stall(83.36, 29.91, 7.19, 22542386_000L),
                Optional.of(new Stats.Stall(76.24, 28.08, 6.78, 21288868_000L))));
        assertThat(stats.pressure().io().orElseThrow().some().totalNanos()).isEqualTo(1115_000);
    }

    @Test
    void the_texts_of_linux_6_12_mean() throws Exception {
        Stats stats = stats(Texts.of("v2-6.12.txt"));
        assertThat(stats.cpu()).isEqualTo(new Stats.Cpu(
                is(3117698_000L), is(1912358_000L), is(1205339_000L), is(163), is(146), is(15858248_000L)));
        assertThat(stats.memory().currentBytes()).hasValue(46522368);
        assertThat(stats.memory().kernelBytes()).hasValue(2867200);
        assertThat(stats.memory().limitBytes()).hasValue(67108864);
        assertThat(stats.pids().limit()).hasValue(20);
        assertThat(stats.io()).isNotEmpty();
        assertThat(stats.pressure().memory()).isPresent();
    }

    /// A group of cgroup v2 on Linux 6.18 beside those of v1, which has no controllers.
    @Test
    void pressure_is_read_where_there_is_nothing_else() throws Exception {
        Stats stats = stats(Texts.of("v1-6.18.txt"));
        assertThat(stats.pressure().cpu()).hasValue(new Stats.Pressure(
                new Stats.Stall(28.81, 6.87, 1.50, 4552326_000L),
                Optional.of(new Stats.Stall(28.81, 6.87, 1.50, 4530343_000L))));
    }

    @Test
    void processors_had_no_full_pressure_before_linux_5_13() {
        Map<String, String> texts = Map.of("cpu.pressure", "some avg10=0.10 avg60=2.03 avg300=100.00 total=7\n");
        assertThat(stats(texts).pressure().cpu())
                .hasValue(new Stats.Pressure(new Stats.Stall(0.1, 2.03, 100, 7000), Optional.empty()));
    }

    @Test
    void max_is_no_limit_and_devices_may_have_no_figures() {
        Stats stats = stats(Map.of("memory.max", "max\n", "pids.max", "max\n", "io.stat", "8:0 \n7:1\n8:16 rios=3\n"));
        assertThat(stats.memory().limitBytes()).isEmpty();
        assertThat(stats.pids().limit()).isEmpty();
        OptionalLong no = OptionalLong.empty();
        assertThat(stats.io()).containsExactly(new Stats.DeviceIo("8:16", no, no, is(3), no));
    }

    @Test
    void what_is_not_there_is_absent() {
        OptionalLong no = OptionalLong.empty();
        assertThat(stats(Map.of())).isEqualTo(new Stats(
                Instant.EPOCH, new Stats.Cpu(no, no, no, no, no, no),
                new Stats.Memory(no, no, no, no, no, no, no, no, new Stats.MemoryEvents(no, no, no, no)),
                new Stats.Pids(no, no, no), List.of(), List.of(), Stats.Pressures.UNKNOWN));
    }

    /// A file that was forgotten would be absent for ever.
    @Test
    void every_file_that_is_looked_at_is_read() throws Exception {
        Map<String, String> known = Texts.of("v2-6.1.txt");
        Map<String, String> kept = new HashMap<>(known);
        kept.keySet().retainAll(UnifiedFigures.FILES);
        assertThat(stats(kept)).isEqualTo(stats(known));
        for (String file : UnifiedFigures.FILES) {
            Map<String, String> less = new HashMap<>(known);
            less.remove(file);
            assertThat(stats(less)).as("without " + file).isNotEqualTo(stats(known));
        }
    }
}
