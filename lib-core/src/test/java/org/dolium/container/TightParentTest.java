// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dolium.container.GroupFiles.UNIFIED;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Row L-02 below a group that is too tight: the child shares the JVM's memory until its exec, so what the kernel does to
/// it must not hit the JVM. `CLONE_VFORK` sees to it: the kernel does not choose such a child when it kills for memory.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class TightParentTest extends TightParent {
    @ParameterizedTest
    @ValueSource(strings = {"4096", "65536"})
    void L_02_too_little_memory_for_any_program_is_an_error_and_the_jvm_lives(String bytes) throws Exception {
        limit(MEMORY_FILE, bytes);
        assertThat(attempt()).endsWith("the JVM lives\n").doesNotContain("it runs")
                .containsPattern("Exception: |out of memory|SIGKILL");
    }

    /// How much a kernel needs for the first program differs.
    @ParameterizedTest
    @MethodSource("littleMemory")
    void L_02_with_little_memory_it_runs_or_fails_and_the_jvm_lives(String bytes) throws Exception {
        limit(MEMORY_FILE, bytes);
        assertThat(attempt()).endsWith("the JVM lives\n").containsPattern("it runs|Exception: |out of memory|SIGKILL");
    }

    /// In cgroup v1 the limit counts when a process forks, not when it moves itself.
    @Test
    void L_02_no_process_allowed_is_an_error_and_the_jvm_lives() throws Exception {
        limit("pids.max", "0");
        assertThat(attempt()).endsWith("the JVM lives\n").contains(UNIFIED ? "LaunchException: " : "it runs");
    }

    @Test
    void L_02_control_below_a_parent_without_limits_it_runs() throws Exception {
        assertThat(attempt()).isEqualTo("exited with code 0: it runs\n".repeat(3) + "the JVM lives\n");
    }
}
