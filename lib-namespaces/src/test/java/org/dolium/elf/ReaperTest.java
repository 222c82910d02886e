// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.testing.Golden;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The program of an init: as binutils disassembles it, and what it does. How to write the golden files anew is told at [Golden].
class ReaperTest {
    private static final Arg.Bytes ALL = new Arg.Bytes(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, "~[]");
    private static final Arg.Bytes NONE = new Arg.Bytes(new byte[8], "[]");

    private final PlanBuilder plan = new PlanBuilder();

    private static LaunchPlan withFilter() {
        PlanBuilder plan = new PlanBuilder();
        plan.init(new Arg.Filter(new byte[] {6, 0, 0, 0, 0, 0, -1, 0x7f}, "{allow}"));
        return plan.build(3);
    }

    private static List<Tools.Instruction> code(Arch arch) throws IOException {
        return Tools.instructions(Machine.code(withFilter(), arch), arch);
    }

    @ParameterizedTest
    @EnumSource
    void G_06_the_code_is_what_was_reviewed(Arch arch) throws IOException {
        StringBuilder text = new StringBuilder();
        code(arch).forEach(instruction -> text.append(instruction).append('\n'));
        Golden.check("init-" + arch.name().toLowerCase(Locale.ROOT), text.toString());
    }

    /// In the order of the code: the report of a failure, the clone, the init, what its child does first, the plan's end.
    @ParameterizedTest
    @EnumSource
    void its_calls_have_the_numbers_that_they_should_have(Arch arch) throws IOException {
        List<Integer> wanted = new ArrayList<>();
        for (Sys sys : List.of(Sys.EXIT_GROUP, Sys.WRITE, Sys.CLONE, Sys.CHDIR, Sys.PRCTL, Sys.PRCTL, Sys.SECCOMP, Sys.CLOSE_RANGE,
                Sys.RT_SIGTIMEDWAIT, Sys.KILL, Sys.WAIT4, Sys.EXIT_GROUP, Sys.EXIT_GROUP, Sys.SETPGID, Sys.GETPID, Sys.IOCTL,
                Sys.EXIT_GROUP)) {
            wanted.add(sys.number(arch));
        }
        assertThat(Tools.callNumbers(code(arch))).isEqualTo(wanted);
    }

    /// After the filter it makes no others, or it would kill itself.
    @Test
    void its_filter_has_its_calls() {
        assertThat(Step.Init.CALLS).containsExactlyInAnyOrder(
                Sys.CLOSE_RANGE, Sys.RT_SIGTIMEDWAIT, Sys.KILL, Sys.WAIT4, Sys.EXIT_GROUP);
    }

    private void blocked() {
        plan.add(Sys.RT_SIGPROCMASK, Arg.num(2), ALL, Arg.NULL, Arg.num(8));
    }

    private void shell(String script) {
        plan.add(Sys.RT_SIGPROCMASK, Arg.num(2), NONE, Arg.NULL, Arg.num(8));
        List<byte[]> words = new ArrayList<>();
        for (String word : new String[] {"sh", "-c", script}) {
            words.add(word.getBytes(StandardCharsets.UTF_8));
        }
        plan.add(Sys.EXECVE, Arg.str(MustRun.program("sh")), Arg.strings(words), Arg.strings(List.of()));
    }

    private Tools.Outcome run(Arch arch) throws IOException {
        return Tools.run(ElfImage.compile(plan.build(1), arch), arch);
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 7, 7", "exit 255, 255", "kill -TERM $$, 143", "kill -KILL $$, 137", "kill -USR1 $$, 138"})
    void it_ends_as_the_command_does(String script, int status) throws IOException {
        for (Arch arch : Arch.values()) {
            ReaperTest test = new ReaperTest();
            test.blocked();
            test.plan.init(null);
            test.shell(script);
            assertThat(test.run(arch).status()).as(arch + ": " + script).isEqualTo(status);
        }
    }

    /// The signal is pending when the init begins, and the child has not called exec yet.
    @ParameterizedTest
    @EnumSource
    void a_signal_that_comes_before_everything_is_handed_on(Arch arch) throws IOException {
        blocked();
        Arg.Result self = plan.add(Sys.GETPID);
        plan.add(Sys.KILL, self, Arg.num(15));
        plan.init(null);
        shell("exec sleep 50");
        assertThat(run(arch).status()).isEqualTo(143);
    }

    @ParameterizedTest
    @EnumSource
    void other_children_are_waited_for_and_do_not_end_it(Arch arch) throws IOException {
        blocked();
        plan.init(null);
        shell("for i in 1 2 3 4 5; do kill -CHLD $PPID; sleep 0.01; done; kill -WINCH $PPID; echo done; exit 3");
        Tools.Outcome outcome = run(arch);
        assertThat(outcome.text()).isEqualTo("done\n");
        assertThat(outcome.status()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void the_command_leads_a_group_of_its_own(Arch arch) throws IOException {
        blocked();
        plan.init(null);
        shell("read pid name state parent group rest < /proc/$$/stat; test $pid = $group && test $parent = $PPID && echo own");
        assertThat(run(arch).text()).isEqualTo("own\n");
    }

    /// It keeps no descriptor, so a pipe has its end when the command closes it.
    @ParameterizedTest
    @EnumSource
    void it_has_no_descriptors(Arch arch) throws IOException {
        blocked();
        plan.init(null);
        shell("sleep 0.2; ls /proc/$PPID/fd | wc -l; cat /proc/$PPID/comm");
        assertThat(run(arch).text()).startsWith("0\n");
    }

    @ParameterizedTest
    @EnumSource
    void a_command_that_can_not_be_run_is_reported_and_ends_it(Arch arch) throws IOException {
        blocked();
        plan.init(null);
        plan.add(Syscall.of(Sys.EXECVE, Arg.str("/nonexistent"), Arg.strings(List.of()), Arg.strings(List.of())));
        Tools.Outcome outcome = run(arch);
        assertThat(outcome.output()).containsExactly(2, 0, 0, 0, 2, 0, 0, 0);
        assertThat(outcome.status()).isEqualTo(127);
    }
}
