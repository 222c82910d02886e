// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Stats;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The figures of a container are what other sources say too, and each changes when the container does what it counts.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class StatsTest {
    private static final String HOARD = "x=aaaaaaaa; while [ ${#x} -lt 16000000 ]; do x=$x$x; done; echo ready; read line";
    private static final long MEBIBYTE = 1 << 20;
    private static final long MILLISECOND = 1_000_000;

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private ContainerBuilder shell(String script) throws IOException {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .command("sh", "-c", script);
    }

    private static Container ready(ContainerBuilder builder) throws Exception {
        Container container = builder.start();
        assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
        return container;
    }

    @Test
    void memory_is_what_the_process_itself_has() throws Exception {
        try (Container container = ready(shell(HOARD).memory(MemorySize.mebibytes(100)))) {
            Stats.Memory memory = container.stats().memory();
            assertThat(memory.anonBytes().orElseThrow())
                    .isBetween(residentAnonymous(container.pid()) - MEBIBYTE, residentAnonymous(container.pid()) + MEBIBYTE)
                    .isGreaterThan(16_000_000);
            assertThat(memory.currentBytes().orElseThrow()).isGreaterThanOrEqualTo(memory.anonBytes().getAsLong());
            assertThat(memory.peakBytes().orElse(memory.currentBytes().getAsLong()))
                    .isGreaterThanOrEqualTo(memory.currentBytes().getAsLong());
            assertThat(memory.workingSetBytes().orElseThrow())
                    .isBetween(memory.anonBytes().getAsLong(), memory.currentBytes().getAsLong());
            assertThat(memory.limitBytes()).hasValue(100 * MEBIBYTE);
            assertThat(memory.swapBytes()).hasValue(0);
            assertThat(memory.fileBytes()).isPresent();
            assertThat(memory.events().max()).hasValue(0);
            assertThat(memory.events().oomKill()).hasValue(0);
        }
    }

    @Test
    void control_a_small_process_has_little_and_no_limit() throws Exception {
        try (Container container = ready(shell("echo ready; read line"))) {
            Stats.Memory memory = container.stats().memory();
            assertThat(memory.anonBytes().orElseThrow()).isLessThan(2 * MEBIBYTE);
            assertThat(memory.limitBytes()).isEmpty();
        }
    }

    private static long residentAnonymous(long pid) throws IOException {
        Matcher line = Pattern.compile("RssAnon:\\s+(\\d+) kB").matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        assertThat(line.find()).isTrue();
        return Long.parseLong(line.group(1)) * 1024;
    }

    @Test
    void processor_time_is_what_the_process_used() throws Exception {
        try (Container container = ready(shell("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo ready; read line"))) {
            Stats.Cpu cpu = container.stats().cpu();
            String scheduler = Files.readString(Path.of("/proc/" + container.pid() + "/schedstat"));
            long clocked = Long.parseLong(scheduler.split(" ")[0]);
            assertThat(cpu.totalNanos().orElseThrow())
                    .isBetween(clocked - 5 * MILLISECOND, clocked + 5 * MILLISECOND)
                    .isGreaterThan(50 * MILLISECOND);
            assertThat(cpu.userNanos().orElseThrow() + cpu.systemNanos().orElseThrow())
                    .isBetween(cpu.totalNanos().getAsLong() / 2, 2 * cpu.totalNanos().getAsLong()); // sampled on v1
            assertThat(cpu.throttledPeriods().orElse(0)).isZero();
        }
    }

    @Test
    void who_may_use_a_fifth_of_a_processor_is_throttled_and_waits() throws Exception {
        try (Container container = shell("while :; do :; done").cpus(0.2).start()) {
            Thread.sleep(1500);
            await(container, late -> late.cpu().throttledPeriods().orElseThrow() > 3
                    && late.cpu().throttledNanos().orElseThrow() > 300 * MILLISECOND
                    && late.pressure().cpu().map(cpu -> cpu.some().totalNanos() > 300 * MILLISECOND).orElse(true));
            Stats stats = container.stats();
            assertThat(stats.cpu().periods().orElseThrow()).isGreaterThanOrEqualTo(stats.cpu().throttledPeriods().orElseThrow());
            assertThat(stats.cpu().throttledPeriods().orElseThrow()).isGreaterThan(3);
            assertThat(stats.cpu().throttledNanos().orElseThrow()).isGreaterThan(300 * MILLISECOND);
            if (Files.isReadable(Path.of("/proc/pressure/cpu"))) {
                Stats.Stall some = stats.pressure().cpu().orElseThrow().some();
                assertThat(some.totalNanos()).isGreaterThan(300 * MILLISECOND);
                assertThat(some.avg10()).isBetween(0.0, 100.0);
                assertThat(stats.pressure().memory()).isPresent();
                assertThat(stats.pressure().io()).isPresent();
            }
        }
    }

    @Test
    void tasks_are_counted_and_so_are_those_that_were_refused() throws Exception {
        String forks = "sleep 100 & sleep 100 & sleep 100 & echo ready; read line; sleep 100 & sleep 100 & wait";
        try (Container container = ready(shell(forks).pids(5))) {
            Stats.Pids pids = container.stats().pids();
            assertThat(pids).isEqualTo(new Stats.Pids(
                    java.util.OptionalLong.of(4), java.util.OptionalLong.of(5), java.util.OptionalLong.of(0)));
            container.process().outputWriter().append("\n").flush();
            await(container, stats -> stats.pids().limitHits().orElseThrow() > 0);
        }
    }

    private static void await(Container container, Predicate<Stats> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.test(container.stats())) {
            assertThat(System.nanoTime()).as("" + container.stats()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void packets_in_a_network_of_its_own_are_counted() throws Exception {
        String connect = "echo ready; read line; busybox nc -w 1 127.0.0.1 9; echo done; read line";
        try (Container container = ready(shell(connect))) {
            List<Stats.Traffic> before = container.stats().network();
            assertThat(before).extracting(Stats.Traffic::name).containsExactly("lo");
            assertThat(before.getFirst().sentPackets()).isZero();
            container.process().outputWriter().append("\n").flush();
            assertThat(container.process().inputReader().readLine()).isEqualTo("done");
            Stats.Traffic after = container.stats().network().getFirst();
            assertThat(after.sentPackets()).isGreaterThanOrEqualTo(2); // asked and refused
            assertThat(after.receivedPackets()).isEqualTo(after.sentPackets());
            assertThat(after.sentBytes()).isGreaterThan(80);
        }
    }

    @Test
    void control_the_hosts_network_is_not_the_containers() throws Exception {
        try (Container container = ready(shell("echo ready; read line").network(Network.host()))) {
            assertThat(container.stats().network()).isEmpty();
        }
    }

    @Test
    void figures_can_be_read_after_the_end_and_not_after_close() throws Exception {
        Container container = shell(HOARD + "; exit 3").start();
        try (container) {
            container.process().outputWriter().append("\n").flush();
            container.waitFor();
            Stats stats = container.stats();
            assertThat(stats.cpu().totalNanos().orElseThrow()).isGreaterThan(MILLISECOND);
            assertThat(stats.pids().current()).hasValue(0);
            assertThat(stats.network()).isEmpty();
        }
        assertThatIllegalStateException().isThrownBy(container::stats).withMessage("the container is closed");
        assertThatIllegalStateException().isThrownBy(container::usage).withMessage("the container is closed");
        assertThatIllegalStateException().isThrownBy(() -> container.stats(Duration.ofSeconds(1), stats -> {}));
    }

    @Test
    void without_a_cgroup_there_are_no_figures() throws Exception {
        try (Container container = shell("read line").cgroup(CgroupPlacement.none()).start()) {
            assertThatIllegalStateException().isThrownBy(container::stats).withMessageContaining("no cgroup of its own");
            assertThatIllegalStateException().isThrownBy(() -> container.stats(Duration.ofSeconds(1), stats -> {}));
            assertThatIllegalStateException().isThrownBy(container::pause);
        }
    }

    @Test
    void an_interval_must_be_positive() throws Exception {
        try (Container container = shell("read line").start()) {
            for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
                assertThatIllegalArgumentException().isThrownBy(() -> container.stats(bad, stats -> {}));
            }
        }
    }
}
