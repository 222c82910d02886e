// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.dolium.cgroup.Stats;
import org.junit.jupiter.api.Test;

/// What a container uses, in Docker's columns.
class StatsLineTest {
    private static final OptionalLong NONE = OptionalLong.empty();
    private static final long MACHINE = 8L << 30;

    private static Stats stats(long millis, long cpuMillis, OptionalLong limit) {
        OptionalLong cpu = OptionalLong.of(cpuMillis * 1_000_000);
        return new Stats(Instant.ofEpochMilli(millis), new Stats.Cpu(cpu, NONE, NONE, NONE, NONE, NONE),
                new Stats.Memory(OptionalLong.of(5 << 20), NONE, OptionalLong.of((1 << 20) + (48 << 10)), limit, NONE, NONE, NONE, NONE,
                        new Stats.MemoryEvents(NONE, NONE, NONE, NONE)),
                new Stats.Pids(OptionalLong.of(3), NONE, NONE),
                List.of(new Stats.DeviceIo("8:0", OptionalLong.of(1_500_000), NONE, NONE, NONE)),
                List.of(new Stats.Traffic("lo", 9999, 1, 0, 0, 9999, 1, 0, 0), new Stats.Traffic("eth0", 876, 1, 0, 0, 0, 0, 0, 0)),
                Stats.Pressures.UNKNOWN);
    }

    private static String printed(StatsLine line) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        new ListFormat(StatsLine.TABLE, StatsLine.KEYS).print(List.of(line), out);
        out.flush();
        return text.toString().replaceAll("[0-9a-f]{12}", "0123456789ab");
    }

    @Test
    void the_table_is_dockers() {
        StatsLine line = new StatsLine(Views.running("web"), stats(1000, 100, NONE), stats(2000, 1600, OptionalLong.of(64 << 20)), MACHINE, false);
        assertThat(printed(line)).isEqualTo("""
                CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O    BLOCK I/O    PIDS
                0123456789ab   web       150.00%   1.047MiB / 64MiB    1.64%     876B / 0B  1.5MB / 0B   3
                """.replace("NET I/O    BLOCK", "NET I/O     BLOCK").replace("876B / 0B  1.5MB", "876B / 0B   1.5MB"));
    }

    @Test
    void without_a_limit_it_is_the_machines() {
        StatsLine line = new StatsLine(Views.running("web"), null, stats(2000, 1600, NONE), MACHINE, false);
        assertThat(line.value("MemUsage")).isEqualTo("1.047MiB / 8GiB");
        assertThat(line.value("MemPerc")).isEqualTo("0.01%");
        assertThat(line.value("CPUPerc")).isEqualTo("0.00%");
        assertThat(new StatsLine(Views.running("web"), null, stats(0, 0, OptionalLong.of(Long.MAX_VALUE)), MACHINE, false).value("MemUsage"))
                .isEqualTo("1.047MiB / 8GiB");
    }

    @Test
    void what_is_not_counted_is_not_zero() {
        StatsLine line = new StatsLine(Views.exited("job", 0), null, null, MACHINE, true);
        assertThat(printed(line).lines().toList().get(1)).matches("[0-9a-f]+ +job +-- +-- / -- +-- +-- / -- +-- / -- +--");
        assertThat(line.value("ID")).hasSize(64);
    }
}
