// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `dolium doctor` on this host, where containers run.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DoctorTest {
    private static final boolean ROOT = ProcessStatus.self().effectiveUid() == 0;

    private static String line(String report, String name) {
        return report.lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("");
    }

    @Test
    void it_says_first_that_containers_run_and_exits_with_0() {
        CommandLineRun run = CommandLineRun.here("doctor");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out().lines().findFirst()).hasValueSatisfying(
                line -> assertThat(line).matches("default container +ok +starts"));
        assertThat(line(run.out(), "kernel")).endsWith("Linux " + System.getProperty("os.version"));
    }

    @Test
    void it_tells_root_and_a_plain_user_what_limits_they_have() {
        boolean legacy = Files.exists(Path.of("/sys/fs/cgroup/memory/cgroup.procs"));
        String report = CommandLineRun.here("doctor").out();
        if (ROOT) {
            for (String limit : new String[] {"memory", "swap", "cpu", "pids", "cpuset"}) {
                assertThat(line(report, limit + " limit")).contains(" ok");
            }
        } else if (legacy) {
            assertThat(line(report, "limits")).contains(" missing ").contains("can't be");
            assertThat(report).contains("systemd.unified_cgroup_hierarchy=1");
        }
    }

    @Test
    void only_a_plain_user_is_told_how_to_get_more_ids() {
        String report = CommandLineRun.here("doctor").out();
        assertThat(line(report, "id ranges")).contains(ROOT ? " ok " : " reduced ");
        assertThat(report.contains("--add-subuids")).isEqualTo(!ROOT);
    }

    @Test
    void it_tells_on_demand_how_strong_the_walls_are() {
        CommandLineRun run = CommandLineRun.here("doctor", "--posture");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(line(run.out(), "kernel")).contains("Linux " + System.getProperty("os.version"));
        assertThat(line(run.out(), "bpf")).contains("kernel.unprivileged_bpf_disabled");
    }

    @Test
    void it_takes_no_arguments() {
        CommandLineRun run = CommandLineRun.here("doctor", "well?");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("well?", "See 'dolium doctor --help'");
    }
}
