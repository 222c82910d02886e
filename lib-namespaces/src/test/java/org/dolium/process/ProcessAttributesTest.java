// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import java.util.TreeSet;
import org.dolium.linux.Arg;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.api.Test;

class ProcessAttributesTest {
    private final PlanBuilder plan = new PlanBuilder();

    @Test
    void what_was_inherited_is_set_to_the_systems_defaults() {
        ProcessAttributes.lowerInherited(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = setpriority(PRIO_PROCESS, 0, 0) or EACCES|EPERM
                $1 = personality(PER_LINUX)
                $2 = prctl(PR_SET_TIMERSLACK, 50000)
                $3 = prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0)
                """);
    }

    @Test
    void names_have_their_length_in_bytes() {
        ProcessAttributes.lowerHostname(plan, "ä");
        ProcessAttributes.lowerDomainname(plan, "example.org");
        assertThat(plan.build(3)).hasToString("""
                $0 = sethostname("\\xc3\\xa4", 2)
                $1 = setdomainname("example.org", 11)
                """);
    }

    @Test
    void a_name_is_1_to_64_bytes() {
        assertThat(ProcessAttributes.checkedName("a".repeat(64))).hasSize(64);
        for (String name : new String[] {"", "a".repeat(65), "ä".repeat(33), "a\0b"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> ProcessAttributes.checkedName(name));
        }
    }

    @Test
    void the_oom_score_is_written_as_a_whole() {
        ProcessAttributes.lowerOomScoreAdj(plan, -500);
        assertThat(plan.build(3)).hasToString("""
                $0 = openat(AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY|O_CLOEXEC)
                $1 = write($0, "-500", 4) must be 4
                $2 = close($0)
                """);
    }

    /// The kernel prints `(unreachable)` in front of a directory that does not lie below the root.
    @Test
    void the_working_directory_must_lie_below_the_root() {
        ProcessAttributes.lowerWorkingDirectory(plan, "/srv");
        assertThat(plan.build(3)).hasToString("""
                $0 = chdir("/srv")
                $1 = getcwd([path], 4096)
                $2 = expect $1 starts with /
                """);
    }

    @Test
    void every_signal_but_the_two_fixed_ones_is_set_to_its_default() {
        SignalReset.lowerHandlers(plan);
        Set<Long> signals = new TreeSet<>();
        for (Step step : plan.build(3).steps()) {
            signals.add(((Arg.Num) ((Step.Call) step).call().args().get(0)).value());
            assertThat(step.toString()).endsWith(", {SIG_DFL}, NULL, 8)");
        }
        assertThat(signals).hasSize(62).contains(1L, 64L).doesNotContain(0L, 9L, 19L, 65L);
    }

    @Test
    void every_signal_is_unblocked() {
        SignalReset.lowerMask(plan);
        assertThat(plan.build(3)).hasToString("$0 = rt_sigprocmask(SIG_SETMASK, [], NULL, 8)\n");
    }
}
