// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The test machine is what it claims to be, and a failure in it is never lost.
@InTestVm
class TestVmTest {
    @TestFactory
    List<DynamicTest> a_minimal_machine_is_what_it_claims() throws Exception {
        return TestVm.kernel("6.1").run(VmCases.Minimal.class);
    }

    @TestFactory
    List<DynamicTest> a_machine_with_systemd_is_what_it_claims() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).apparmor().run(VmCases.UserOfSystemd.class);
    }

    @TestFactory
    List<DynamicTest> more_controllers_can_be_delegated_and_a_unit_need_not_be() throws Exception {
        return TestVm.kernel("6.1").systemd().user(1000).delegate("cpu cpuset io memory pids").undelegated()
                .run(VmCases.Delegated.class);
    }

    @Test
    void pure_version_1_cgroups_are_a_parameter_away() throws Exception {
        TestVm.Outcome outcome = TestVm.kernel("6.1").systemd()
                .append("systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1")
                .command("cat", "/proc/self/mountinfo");
        assertThat(outcome.output()).contains("- cgroup cgroup rw,memory").doesNotContain("cgroup2");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void a_failure_inside_is_a_failed_test_and_a_skip_is_one_too() throws Exception {
        List<DynamicTest> tests = TestVm.kernel("6.1").run(VmCases.Failing.class);
        assertThat(tests).hasSize(3);
        for (DynamicTest test : tests) {
            if (test.getDisplayName().contains("passes")) {
                assertThatCode(test.getExecutable()::execute).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(test.getExecutable()::execute)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("on purpose");
            }
        }
    }

    @Test
    void a_jvm_that_dies_inside_is_a_failure() {
        assertThatThrownBy(() -> TestVm.kernel("6.1").run(VmCases.Dying.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not finish")
                .hasMessageContaining("it is over");
    }

    @Test
    void a_machine_that_hangs_is_ended_and_nothing_of_it_stays() throws Exception {
        String mark = "mark=" + UUID.randomUUID();
        TestVm.Outcome outcome = hanging(mark, 20);
        for (int seconds = 60; !outcome.output().contains("asleep") && seconds <= 600; seconds *= 3) { // a busy machine boots slowly
            outcome = hanging(mark, seconds);
        }
        assertThat(outcome.status()).isEqualTo(98);
        assertThat(outcome.output()).contains("asleep", "gave no status");
        assertThat(ProcessHandle.allProcesses().map(process -> process.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains(mark));
    }

    private static TestVm.Outcome hanging(String mark, int seconds) throws Exception {
        return TestVm.kernel("6.1").append(mark).limitSeconds(seconds).command("sh", "-c", "echo asleep; sleep 1000");
    }

    @Test
    void a_panic_of_the_kernel_is_reported() throws Exception {
        TestVm.Outcome outcome = TestVm.kernel("6.1").command("sh", "-c", "echo c > /proc/sysrq-trigger");
        assertThat(outcome.status()).isEqualTo(98);
        assertThat(outcome.output()).contains("Kernel panic - not syncing: sysrq").doesNotContain("once more");
    }

    @Test
    void a_kernel_that_does_not_start_is_started_once_more() throws Exception {
        TestVm.Outcome outcome = TestVm.kernel("6.1").append("rdinit=/none root=none").command("true");
        assertThat(outcome.status()).isEqualTo(98);
        assertThat(outcome.output()).containsOnlyOnce("once more").contains("Kernel panic");
    }

    @Test
    void the_status_of_a_command_is_brought_back() throws Exception {
        assertThat(TestVm.kernel("6.1").user(1000).command("sh", "-c", "id -u; exit 7"))
                .isEqualTo(new TestVm.Outcome(7, "1000\n"));
    }
}
