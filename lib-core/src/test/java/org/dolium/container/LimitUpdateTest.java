// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.container.GroupFiles.UNIFIED;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Limits are changed while the container runs.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LimitUpdateTest {
    /// Does line by line what it is told, and answers with a line.
    private static final String OBEDIENT = "while read -r line; do eval \"$line\"; echo \"status $?\"; done";

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private static ContainerBuilder obedient() {
        return ContainerBuilder.create().command("sh", "-c", OBEDIENT);
    }

    private static String memory(Container container) throws Exception {
        return GroupFiles.read(container, Controller.MEMORY, "memory.limit_in_bytes", "memory.max");
    }

    /// The sum of memory and swap, as cgroup v1 has it.
    private static long sum(Container container) throws Exception {
        long value = Long.parseLong(GroupFiles.read(
                container, Controller.MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max"));
        return UNIFIED ? value + Long.parseLong(memory(container)) : value;
    }

    private static String tell(Container container, String line) throws Exception {
        BufferedWriter out = container.process().outputWriter();
        out.append(line).append('\n').flush();
        BufferedReader in = container.process().inputReader();
        return in.readLine();
    }

    @Test
    void memory_and_swap_go_up_and_down_in_any_order() throws Exception {
        try (Container container = obedient().memory(MemorySize.mebibytes(64)).start()) {
            assertThat(sum(container)).isEqualTo(64L << 20);
            container.update(Limits.none().with(Limit.memoryMax(128 << 20)));
            assertThat(memory(container)).isEqualTo(Integer.toString(128 << 20));
            assertThat(sum(container)).as("still no swap").isEqualTo(128L << 20);
            container.update(Limits.none().with(Limit.swapMax(32 << 20)));
            assertThat(sum(container)).isEqualTo(160L << 20);
            container.update(Limits.none().with(Limit.swapMax(8 << 20)).with(Limit.memoryMax(256 << 20)));
            assertThat(sum(container)).isEqualTo(264L << 20);
            container.update(Limits.none().with(Limit.memoryMax(32 << 20)).with(Limit.swapMax(0)));
            assertThat(memory(container)).isEqualTo(Integer.toString(32 << 20));
            assertThat(sum(container)).isEqualTo(32L << 20);
        }
    }

    @Test
    void a_first_memory_limit_forbids_swap_too() throws Exception {
        try (Container container = obedient().start()) {
            container.update(Limits.none().with(Limit.memoryMax(64 << 20)));
            assertThat(sum(container)).isEqualTo(64L << 20);
        }
    }

    @Test
    void memory_that_is_in_use_cannot_be_taken_away_and_nobody_is_killed_for_it() throws Exception {
        try (Container container = obedient().memory(MemorySize.mebibytes(64)).start()) {
            assertThat(tell(container, "x=aaaaaaaa; while [ ${#x} -lt 8000000 ]; do x=$x$x; done")).isEqualTo("status 0");
            assertThatThrownBy(() -> container.update(Limits.none().with(Limit.memoryMax(2 << 20))))
                    .isInstanceOf(UnsupportedHostException.class)
                    .hasMessageStartingWith("memory limit 2097152 bytes can't be enforced: ")
                    .hasMessageContaining("the container uses ");
            assertThat(tell(container, "true")).isEqualTo("status 0");
            assertThat(memory(container)).isEqualTo(Integer.toString(64 << 20));
        }
    }

    @Test
    void processor_time_processes_and_processors_are_limited_though_the_start_had_no_such_limit() throws Exception {
        try (Container container = obedient().start()) {
            container.update(Limits.none().with(Limit.cpus(0.5)).with(Limit.pids(3)).with(Limit.cpusetCpus(CpuSet.of(0))));
            assertThat(GroupFiles.read(container, Controller.CPU, "cpu.cfs_quota_us", "cpu.max")).startsWith("50000");
            assertThat(GroupFiles.read(container, Controller.PIDS, "pids.max", "pids.max")).isEqualTo("3");
            assertThat(tell(container, "read -r all < /proc/self/status; set -- $(grep Cpus_allowed_list"
                            + " /proc/self/status); test $2 = 0")).isEqualTo("status 0");
            container.update(Limits.none().with(Limit.cpuQuota(Limit.CpuQuota.NO_QUOTA, Duration.ofMillis(100))));
            assertThat(GroupFiles.read(container, Controller.CPU, "cpu.cfs_quota_us", "cpu.max"))
                    .isIn("-1", "max 100000");
        }
    }

    @Test
    void control_before_the_update_it_has_all_processors() throws Exception {
        MustRun.require(Runtime.getRuntime().availableProcessors() > 1, "two processors");
        try (Container container = obedient().start()) {
            assertThat(tell(container, "set -- $(grep Cpus_allowed_list /proc/self/status); test $2 = 0"))
                    .isEqualTo("status 1");
        }
    }

    @Test
    void a_device_list_is_given_and_replaced() throws Exception {
        try (Container container = obedient().start()) {
            assertThat(tell(container, "(true < /dev/zero) 2> /dev/null")).isEqualTo("status 0");
            container.update(Limits.none().with(Limit.devices(List.of(DeviceRule.parse("c 1:3 rw")))));
            assertThat(tell(container, "(true < /dev/zero) 2> /dev/null")).isNotEqualTo("status 0");
            container.update(Limits.none().with(Limit.devices(DeviceRule.standard())));
            assertThat(tell(container, "(true < /dev/zero) 2> /dev/null")).isEqualTo("status 0");
        }
    }

    @Test
    void the_rates_of_a_disk_are_replaced_and_taken_back() throws Exception {
        BlockDevice disk = BlockDevice.of(Path.of(System.getProperty("java.io.tmpdir"))).disk();
        try (Container container = obedient().start()) {
            container.update(Limits.none().with(Limit.ioMax(disk).readBps(1 << 20).writeIops(9)));
            String read = GroupFiles.read(container, Controller.IO, "blkio.throttle.read_bps_device", "io.max");
            assertThat(read).contains(disk.toString()).contains("1048576");
            container.update(Limits.none().with(Limit.ioMax(disk)));
            read = GroupFiles.read(container, Controller.IO, "blkio.throttle.read_bps_device", "io.max");
            assertThat(read).doesNotContain("1048576");
        }
    }

    @Test
    void what_this_host_cannot_do_is_an_error_or_listed() throws Exception {
        Limit impossible = UNIFIED ? Limit.unified("memory.no_such_file", "1") : Limit.memoryHigh(1 << 20);
        try (Container container = obedient().start()) {
            assertThatThrownBy(() -> container.update(Limits.none().with(impossible)))
                    .isInstanceOf(UnsupportedHostException.class).hasMessageContaining("can't be enforced");
            assertThat(container.reductions()).isEmpty();
            container.update(Limits.none().with(impossible, Requirement.PREFERRED));
            assertThat(container.reductions()).hasSize(1).first().asString().contains("can't be enforced");
        }
    }

    @Test
    void a_container_that_has_ended_has_no_limits_to_change() throws Exception {
        Container container = obedient().start();
        container.close();
        assertThatThrownBy(() -> container.update(Limits.none().with(Limit.pids(5))))
                .isInstanceOf(IllegalStateException.class);
    }
}
