// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.cgroup.BlockDevice;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The options about limits, by the values that `--explain` says are written.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LimitOptionsTest {
    private static final boolean UNIFIED = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private static String explained(String... options) throws Exception {
        String[] arguments = new String[options.length + 2];
        System.arraycopy(options, 0, arguments, 0, options.length);
        arguments[options.length] = "--";
        arguments[options.length + 1] = "true";
        return CommandLineRun.builder(arguments).explain();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-m 64m | memory.limit_in_bytes>, \"67108864\" | memory.max>, \"67108864\"",
        "--memory 64mb | memory.memsw.limit_in_bytes>, \"67108864\" | memory.swap.max>, \"0\"",
        "-m 64m --memory-swap 96m | memory.memsw.limit_in_bytes>, \"100663296\" | memory.swap.max>, \"33554432\"",
        "-m 64m --memory-swap -1 | memory.memsw.limit_in_bytes>, \"-1\" | memory.swap.max>, \"max\"",
        "--memory-reservation 1g | memory.soft_limit_in_bytes>, \"1073741824\" | memory.low>, \"1073741824\"",
        "--cpus 0.5 | cpu.cfs_quota_us>, \"50000\" | cpu.max>, \"50000 100000\"",
        "--cpu-quota 20000 --cpu-period 50000 | cpu.cfs_period_us>, \"50000\" | cpu.max>, \"20000 50000\"",
        "--cpu-quota -1 | cpu.cfs_quota_us>, \"-1\" | cpu.max>, \"max 100000\"",
        "--cpus 1 --cpu-burst 5000 | cpu.cfs_burst_us>, \"5000\" | cpu.max.burst>, \"5000\"",
        "-c 512 | cpu.shares>, \"512\" | cpu.weight>, \"59\"",
        "--cpu-weight 100 | cpu.shares>, \"1024\" | cpu.weight>, \"100\"",
        "--cpu-idle | cpu.idle>, \"1\" | cpu.idle>, \"1\"",
        "--cpuset-cpus 0 | cpuset.cpus>, \"0\" | cpuset.cpus>, \"0\"",
        "--cpuset-mems 0 | cpuset.mems>, \"0\" | cpuset.mems>, \"0\"",
        "--pids-limit 7 | pids.max>, \"7\" | pids.max>, \"7\"",
        "--pids-limit -1 | pids.max>, \"max\" | pids.max>, \"max\"",
    })
    void values_are_written_to_the_files_of_this_hosts_cgroups(String options, String legacy, String unified)
            throws Exception {
        assertThat(explained(options.trim().split(" "))).contains(UNIFIED ? unified : legacy);
    }

    @Test
    void without_options_there_is_a_limit_of_processes() throws Exception {
        assertThat(explained()).contains("pids.max>, \"4096\"");
        assertThat(explained("--cgroup", "none")).doesNotContain("mkdir(").doesNotContain("pids.max");
    }

    @Test
    void the_name_and_the_parent_say_where_the_cgroup_is_made() throws Exception {
        assertThat(explained("--name", "box")).containsPattern("mkdir\\(\"/sys/fs/cgroup/.*/dolium-\\*/box\", 0755\\)");
        assertThatThrownBy(() -> explained("--name", "../box")).hasMessageContaining("name '../box' is not a letter");
        assertThatThrownBy(() -> explained("--cgroup-parent", "/a/../b")).hasMessageContaining("'.' or '..' in it");
    }

    @Test
    void the_rates_of_one_disk_are_one_limit() throws Exception {
        BlockDevice disk = BlockDevice.of(Path.of(".")).disk();
        String text = explained("--device-read-bps", ".:1mb", "--device-write-iops", ".:30");
        if (UNIFIED) {
            assertThat(text).contains("io.max>, \"" + disk + " rbps=1048576 wbps=max riops=max wiops=30\"");
        } else {
            assertThat(text).contains("blkio.throttle.read_bps_device>, \"" + disk + " 1048576\"")
                    .contains("blkio.throttle.write_iops_device>, \"" + disk + " 30\"");
        }
    }

    @Test
    void rules_about_devices_are_added_to_the_standard_ones() throws Exception {
        String text = explained("--device-cgroup-rule", "c 10:229 rwm");
        if (UNIFIED) {
            assertThat(text).contains("bpf(BPF_PROG_ATTACH");
        } else {
            assertThat(text).containsSubsequence("devices.deny>, \"a\"", "c 1:3 rwm", "c 10:229 rwm");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--cpus 1 --cpu-quota 1000 | --cpus can't be used with --cpu-period or --cpu-quota",
        "--memory-swap 1g | needs --memory",
        "-m 64m --memory-swap 32m | is less than --memory",
        "-m 64x | not a number with b, k, m, g or t",
        "-m 4k | memory limit 4096 is less than 1048576",
        "--memory-swappiness 10 | there is no --memory-swappiness",
        "--oom-kill-disable | there is no --oom-kill-disable",
        "--pids-limit -2 | pids limit -2 is less than 1",
        "--cpuset-cpus 3-1 | descends",
        "--blkio-weight 5 | not between 10 and 1000",
        "--device-read-bps /dev/null:1m | is a character device",
        "--device-write-iops .:x | is not a number",
        "--device-cgroup-rule nonsense | device rule",
        "--hugetlb 3MB=1m | not a power of two",
        "--cgroup-conf cgroup.procs=0 | is not one of the controllers",
        "--cgroup-conf memory.max | is not FILE=VALUE",
        "--limits maybe | there is required or preferred",
        "--cgroup there | there is auto, own or none",
        "--cgroup own --cgroup-parent /a | can't be used with --cgroup own",
    })
    void mistakes_are_named(String options, String message) {
        assertThatThrownBy(() -> explained(options.trim().split(" "))).hasMessageContaining(message);
    }

    @Test
    void an_end_for_lack_of_memory_is_137_and_one_line_says_so() {
        CommandLineRun run = CommandLineRun.here("run", "-m", "24m", "--", "sh", "-c",
                "x=aaaaaaaa; while :; do x=$x$x; done");
        assertThat(run).isEqualTo(new CommandLineRun(
                137, "", "dolium: the container reached its memory limit, and the kernel killed the command\n"));
    }

    @Test
    void control_a_kill_is_137_without_that_line() {
        assertThat(CommandLineRun.here("run", "-m", "24m", "--pid", "host", "--", "sh", "-c", "kill -9 $$"))
                .isEqualTo(new CommandLineRun(137, "", ""));
    }

    @Test
    void limits_that_this_host_lacks_fail_the_start_unless_preferred() {
        String[] lacking = UNIFIED
                ? new String[] {"--hugetlb", "512GB=1g"}
                : new String[] {"--memory-high", "64m"};
        CommandLineRun required = CommandLineRun.here("run", lacking[0], lacking[1], "--", "true");
        assertThat(required.status()).isEqualTo(125);
        assertThat(required.err()).startsWith("dolium: ").contains("can't be enforced");
        assertThat(CommandLineRun.here("run", "--limits", "preferred", lacking[0], lacking[1], "--", "true"))
                .isEqualTo(new CommandLineRun(0, "", ""));
    }
}
