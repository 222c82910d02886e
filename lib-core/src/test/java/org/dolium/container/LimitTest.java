// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.container.GroupFiles.UNIFIED;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.HugePageSize;
import org.dolium.cgroup.Limit;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Each limit bites, and the same program without the limit lives.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LimitTest {
    private static final Duration LIMIT = Slow.seconds(30);
    private static final Path DISK_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));
    private static final String OPEN = "for d in null zero; do true < /dev/$d && echo /dev/$d opened; done";
    private static final String EATER = "x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 50000000 ] && break; done; echo done";

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private static ContainerBuilder shell(String script) {
        return ContainerBuilder.create().command("sh", "-c", script);
    }

    @Test
    void a_program_that_needs_more_memory_than_it_may_is_killed_and_that_is_told() throws Exception {
        Result result = shell(EATER).memory(MemorySize.mebibytes(24)).run(LIMIT);
        assertThat(result.status()).isInstanceOf(ExitStatus.OutOfMemory.class);
        assertThat(result.oomKills()).isPositive();
        assertThat(result.peakMemory().orElseThrow().bytes()).isBetween(20L << 20, 24L << 20);
    }

    /// Such a container is one level below its limits.
    @Test
    void so_it_is_in_a_container_that_can_mount_cgroups() throws Exception {
        Result result = shell(EATER).capabilities(CapabilitySets.standard().plus(Capability.SYS_ADMIN))
                .memory(MemorySize.mebibytes(24)).run(LIMIT);
        assertThat(result.status()).isInstanceOf(ExitStatus.OutOfMemory.class);
        assertThat(result.oomKills()).isPositive();
    }

    @Test
    void control_without_the_limit_it_lives() throws Exception {
        Result result = shell(EATER).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("done\n");
        assertThat(result.oomKills()).isZero();
        assertThat(result.peakMemory().orElseThrow().bytes()).isGreaterThan(50L << 20);
    }

    /// The group of the JVM gets all the weight that there is: other programs of the machine take nothing away.
    @Test
    void a_spinner_gets_the_processor_time_that_it_may() throws Exception {
        assertThat(spin(shell("while :; do :; done").cpus(0.5), 0.45)).isBetween(0.45, 0.55);
    }

    @Test
    void control_without_the_limit_a_spinner_gets_a_whole_processor() throws Exception {
        assertThat(spin(shell("while :; do :; done").limit(Limit.cpuWeight(100)), 0.8)).isGreaterThan(0.8);
    }

    /// How many processors' time a container gets, over 5 s, or the most of several times if it was less than expected: the
    /// machine itself may have had none to give.
    private static double spin(ContainerBuilder builder, double expected) throws Exception {
        try (Container container = builder.start()) {
            Path parent = GroupFiles.of(container, Controller.CPU).getParent();
            Files.writeString(parent.resolve(UNIFIED ? "cpu.weight" : "cpu.shares"), UNIFIED ? "10000" : "262144");
            double most = 0;
            for (int i = 0; i < 6 && most < expected; i++) {
                long start = System.nanoTime();
                long used = GroupFiles.cpuNanos(container);
                Thread.sleep(5000);
                long usedLater = GroupFiles.cpuNanos(container);
                most = Math.max(most, (double) (usedLater - used) / (System.nanoTime() - start));
            }
            return most;
        }
    }

    @Test
    void a_writer_is_held_to_its_bytes_per_second() throws Exception {
        assertThat(write(Limit.ioMax(disk()).writeBps(1 << 20))).isBetween(2.5, 28.0);
    }

    @Test
    void control_without_the_limit_it_writes_faster() throws Exception {
        double best = Double.MAX_VALUE; // the disk may be busy
        for (int i = 0; i < 5 && best >= 2.5; i++) {
            best = Math.min(best, write(Limit.ioMax(disk()).writeBps(1L << 40)));
        }
        assertThat(best).isLessThan(2.5);
    }

    private static BlockDevice disk() throws IOException {
        try {
            return BlockDevice.of(DISK_DIRECTORY).disk();
        } catch (IOException e) {
            Assumptions.abort("needs a directory on a disk: " + e.getMessage());
            throw e;
        }
    }

    /// The seconds that it takes to write 4 MiB past the page cache, which cgroup v1 does not throttle.
    private static double write(Limit limit) throws Exception {
        Path file = Files.createTempFile(DISK_DIRECTORY, "written", "");
        try {
            String dd = "dd if=/dev/zero of=/mnt/" + file.getFileName() + " bs=64k count=64 oflag=direct 2>&1";
            ContainerBuilder builder = shell(dd).bind(DISK_DIRECTORY, "/mnt").limit(limit);
            long start = System.nanoTime();
            Result result = builder.run(LIMIT);
            assertThat(result.stdout()).contains("64+0 records out");
            return (System.nanoTime() - start) / 1e9;
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void a_device_that_is_not_in_the_list_cannot_be_opened() throws Exception {
        List<DeviceRule> zeroMayOnlyBeMade = DeviceRule.standard().stream()
                .map(rule -> rule.major() == 1 && rule.minor() == 5 ? DeviceRule.parse("c 1:5 m") : rule)
                .toList();
        Result result = shell(OPEN).limit(Limit.devices(zeroMayOnlyBeMade)).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("/dev/null opened\n");
        assertThat(result.stderr()).contains("/dev/zero: Operation not permitted");
    }

    @Test
    void control_with_the_standard_list_and_without_any_it_can() throws Exception {
        String all = "/dev/null opened\n/dev/zero opened\n";
        assertThat(shell(OPEN).limit(Limit.devices(DeviceRule.standard())).run(LIMIT).stdout()).isEqualTo(all);
        assertThat(shell(OPEN).run(LIMIT).stdout()).isEqualTo(all);
    }

    @Test
    void a_container_runs_on_its_processors_only() throws Exception {
        int last = Runtime.getRuntime().availableProcessors() - 1;
        String list = "grep Cpus_allowed_list /proc/self/status; grep Mems_allowed_list /proc/self/status";
        assertThat(shell(list).limit(Limit.cpusetCpus(CpuSet.of(last))).limit(Limit.cpusetMems(CpuSet.of(0))).run(LIMIT).stdout())
                .isEqualTo("Cpus_allowed_list:\t" + last + "\nMems_allowed_list:\t0\n");
    }

    @Test
    void a_fork_bomb_stops_at_the_limit_and_is_gone_soon_after_close() throws Exception {
        assertThat(bomb(60)).isEqualTo(60);
    }

    @Test
    void control_with_a_higher_limit_the_bomb_grows_further() throws Exception {
        assertThat(bomb(120)).isEqualTo(120);
    }

    /// How many processes a bomb comes to; each of them forks until it can't.
    private static long bomb(int most) throws Exception {
        ContainerBuilder builder = shell("b() { while :; do b & done; }; b & read line").pids(most);
        Container container = builder.start();
        long reached = 0;
        try (BufferedReader errors = container.process().errorReader()) {
            assertThat(errors.readLine()).containsAnyOf("fork", "Resource temporarily unavailable");
            long deadline = System.nanoTime() + Slow.seconds(20).toNanos();
            for (int i = 0; i < 20 || reached < most && System.nanoTime() < deadline; i++) {
                String current = GroupFiles.read(container, Controller.PIDS, "pids.current", "pids.current");
                reached = Math.max(reached, Long.parseLong(current));
                Thread.sleep(10);
            }
        } finally {
            long start = System.nanoTime();
            container.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Slow.seconds(20));
        }
        return reached;
    }

    @Test
    void huge_pages_are_limited_or_it_is_said_what_is_missing() throws Exception {
        ContainerBuilder builder = shell("cat").limit(Limit.hugetlb(HugePageSize.parse("2MB"), 4 << 20));
        if (!UNIFIED && !Files.exists(Path.of("/sys/fs/cgroup/hugetlb"))) {
            assertThatThrownBy(builder::start).isInstanceOf(UnsupportedHostException.class)
                    .hasMessageContaining("limit of 2MB huge pages 4194304 bytes can't be enforced:"
                            + " there is no hugetlb controller of cgroup v1 that can be used")
                    .hasMessageContaining("mount -t cgroup -o hugetlb");
            return;
        }
        try (Container container = builder.start()) {
            assertThat(GroupFiles.read(
                            container, Controller.HUGETLB, "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"))
                    .isEqualTo("4194304");
        }
    }
}
