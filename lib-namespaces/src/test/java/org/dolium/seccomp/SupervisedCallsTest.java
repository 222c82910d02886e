// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.testing.BpfInterpreter;
import org.junit.jupiter.api.Test;

/// What a filter with a supervisor answers, by interpreting it.
class SupervisedCallsTest {
    private static final long PASS = 0x123456789abcdef0L;

    private static final List<SeccompProfile> PROFILES = List.of(
            SeccompProfile.standard(), SeccompProfile.dockerCompatible(), SeccompProfile.strict(), SeccompProfile.unconfined(),
            SeccompProfile.denying(SeccompAction.KILL_PROCESS).with(SeccompRule.allow("execve", "read", "sendmsg")),
            SeccompProfile.standard()
                    .with(SeccompRule.of(SeccompAction.KILL_PROCESS, "read").when(SeccompCondition.equal(0, 5)))
                    .with(SeccompRule.of(SeccompAction.trace(3), "write").when(SeccompCondition.notEqual(2, 5)))
                    .with(SeccompRule.of(SeccompAction.USER_NOTIFY, "close"))
                    .with(SeccompRule.of(SeccompAction.LOG, "mmap")));

    private static int number(Arch arch) {
        return arch == Arch.X86_64 ? BpfInterpreter.X86_64 : BpfInterpreter.AARCH64;
    }

    private static boolean waits(SeccompAction action) {
        return action.isErrno() || action.equals(SeccompAction.ALLOW) || action.equals(SeccompAction.LOG)
                || action.equals(SeccompAction.USER_NOTIFY);
    }

    /// Some names, and some that one architecture has not.
    private static List<String> names(Random random) {
        List<String> names = new ArrayList<>(List.of("open", "execve"));
        SyscallTable table = SyscallTable.of(Arch.X86_64);
        for (int number = 0; number <= table.last(); number++) {
            if (table.name(number) != null && random.nextInt(3) == 0) {
                names.add(table.name(number));
            }
        }
        return names;
    }

    @Test
    void every_other_call_is_answered_as_before_and_none_that_was_killed_is_asked_about() {
        AtomicInteger asked = new AtomicInteger();
        for (SeccompProfile profile : PROFILES) {
            for (Arch arch : Arch.values()) {
                SeccompTarget target = new SeccompTarget(arch, 0, 6, 1);
                List<String> names = names(new Random(profile.name().hashCode()));
                SupervisedCalls supervised = new SupervisedCalls(profile, target, names, PASS);
                BpfInterpreter filter = new BpfInterpreter(supervised.compile());
                Oracle oracle = new Oracle(profile, target, profile.unknown(), profile.foreign());
                new Calls(profile, target).forEach(call -> {
                    SeccompAction before = oracle.answer(number(arch), call.number(), call.args());
                    SeccompAction now = new SeccompAction(filter.run(number(arch), call.number(), call.args()));
                    String name = SyscallTable.of(arch).name(call.number());
                    boolean waits = names.contains(name) && waits(before);
                    assertThat(now).as("%s %s %s", profile, name, before).isEqualTo(waits ? SeccompAction.USER_NOTIFY : before);
                    assertThat(supervised.withoutSupervisor(call.number(), call.args())).as(name).isEqualTo(before);
                    asked.addAndGet(waits ? 1 : 0);
                });
                assertThat(filter.run(BpfInterpreter.I386, 20, new long[6])).isEqualTo(profile.foreign().value());
            }
        }
        assertThat(asked.get()).isGreaterThan(500);
    }

    @Test
    void the_launch_s_own_calls_pass_with_the_secret_and_only_these() {
        for (SeccompProfile profile : PROFILES) {
            for (Arch arch : Arch.values()) {
                SyscallTable table = SyscallTable.of(arch);
                SeccompTarget target = new SeccompTarget(arch, 0, 6, 1);
                List<String> all = new ArrayList<>();
                for (int number = 0; number <= table.last(); number++) {
                    all.add(table.name(number) == null ? "read" : table.name(number));
                }
                BpfInterpreter filter = new BpfInterpreter(new SupervisedCalls(profile, target, all, PASS).compile());
                for (int number = 0; number <= table.last(); number++) {
                    long[] args = {0, 0, 5, 0, 0, PASS};
                    boolean passes = new SeccompAction(filter.run(number(arch), number, args)).equals(SeccompAction.ALLOW);
                    assertThat(passes).as(table.name(number)).isEqualTo(table.name(number) != null
                            && SupervisedCalls.isOfTheLaunch(table.name(number)) || table.name(number) == null
                            && profile.unknown().equals(SeccompAction.ALLOW));
                    for (int bit = 0; bit < 64; bit++) {
                        long[] wrong = {PASS, PASS, 5, PASS, PASS, PASS ^ 1L << bit};
                        assertThat(filter.run(number(arch), number, wrong)).as("%s %d", table.name(number), bit)
                                .isEqualTo(filter.run(number(arch), number, PASS, PASS, 5, PASS, PASS, 0));
                    }
                }
            }
        }
    }

    @Test
    void a_call_that_some_arguments_kill_for_still_kills_for_these() {
        SeccompProfile profile = SeccompProfile.standard()
                .with(SeccompRule.of(SeccompAction.KILL_PROCESS, "close").when(SeccompCondition.equal(0, 5)))
                .with(SeccompRule.of(SeccompAction.errno(Errno.EIO), "close").when(SeccompCondition.equal(0, 6)));
        SeccompTarget target = new SeccompTarget(Arch.X86_64, 0, 6, 1);
        SupervisedCalls supervised = new SupervisedCalls(profile, target, List.of("close"), PASS);
        BpfInterpreter filter = new BpfInterpreter(supervised.compile());
        assertThat(filter.run(BpfInterpreter.X86_64, 3, 5, 0, 0, 0, 0, 0)).isEqualTo(SeccompAction.KILL_PROCESS.value());
        assertThat(filter.run(BpfInterpreter.X86_64, 3, 6, 0, 0, 0, 0, 0)).isEqualTo(SeccompAction.USER_NOTIFY.value());
        assertThat(supervised.withoutSupervisor(3, new long[] {1L << 32 | 6, 0, 0, 0, 0, 0}))
                .as("descriptors have 32 bits").isEqualTo(SeccompAction.errno(Errno.EIO));
        assertThat(supervised.withoutSupervisor(-1, new long[6])).isEqualTo(SeccompAction.errno(Errno.ENOSYS));
        assertThat(supervised.withoutSupervisor(5000, new long[6])).isEqualTo(SeccompAction.errno(Errno.ENOSYS));
    }
}
