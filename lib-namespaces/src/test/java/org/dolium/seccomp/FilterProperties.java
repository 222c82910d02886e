// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.testing.BpfInterpreter;

/// A compiled filter answers every call as its profile does.
class FilterProperties {
    private static final List<SeccompAction> ACTIONS = List.of(
            SeccompAction.ALLOW, SeccompAction.LOG, SeccompAction.KILL_PROCESS, SeccompAction.KILL_THREAD,
            SeccompAction.USER_NOTIFY, SeccompAction.trap(7), SeccompAction.trace(65535), SeccompAction.errno(Errno.EIO),
            SeccompAction.errno(Errno.ENOSYS), SeccompAction.errno(new Errno(0)));

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void a_filter_answers_as_the_profile_says(@ForAll long seed) {
        Random random = new Random(seed);
        SeccompTarget target = target(random);
        SeccompAction unknown = action(random);
        SeccompAction foreign = action(random);
        SeccompProfile profile = SeccompProfile.denying(action(random)).unknownCalls(unknown).foreignCalls(foreign);
        int rules = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 20);
        for (int i = 0; i < rules; i++) {
            profile = profile.with(rule(random, target.arch()));
        }
        BpfInterpreter filter = new BpfInterpreter(profile.compile(target));
        agree(filter, new Oracle(profile, target, unknown, foreign), new Calls(profile, target), target);
        assertThat(filter.run(BpfInterpreter.I386, random.nextInt(500), new long[6])).isEqualTo(foreign.value());
    }

    static void agree(BpfInterpreter filter, Oracle oracle, Calls calls, SeccompTarget target) {
        int arch = target.arch() == Arch.X86_64 ? BpfInterpreter.X86_64 : BpfInterpreter.AARCH64;
        calls.forEach(call -> {
            SeccompAction expected = oracle.answer(arch, call.number(), call.args());
            SeccompAction actual = new SeccompAction(filter.run(arch, call.number(), call.args()));
            if (!actual.equals(expected)) {
                StringBuilder args = new StringBuilder();
                for (long arg : call.args()) {
                    args.append(" 0x").append(Long.toHexString(arg));
                }
                throw new AssertionError("call " + call.number() + args + " gets " + actual + ", not " + expected);
            }
        });
    }

    private static SeccompTarget target(Random random) {
        Arch arch = random.nextBoolean() ? Arch.X86_64 : Arch.AARCH64;
        return new SeccompTarget(arch, random.nextLong(), 5 + random.nextInt(3), random.nextInt(20));
    }

    private static SeccompAction action(Random random) {
        return ACTIONS.get(random.nextInt(ACTIONS.size()));
    }

    private static SeccompRule rule(Random random, Arch arch) {
        List<String> calls = new ArrayList<>();
        int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 40 : 3);
        while (calls.size() < count) {
            String name = SyscallTable.of(arch).name(random.nextInt(SyscallTable.of(arch).last() + 1));
            if (name != null) {
                calls.add(name);
            }
        }
        SeccompRule rule = SeccompRule.of(action(random), calls);
        int conditions = random.nextInt(4);
        for (int i = 0; i < conditions; i++) {
            rule = rule.when(condition(random, calls, arch));
        }
        if (random.nextInt(5) == 0) {
            rule = rule.with(Capability.values()[random.nextInt(41)]);
        }
        if (random.nextInt(5) == 0) {
            rule = rule.without(Capability.values()[random.nextInt(41)]);
        }
        if (random.nextInt(8) == 0) {
            rule = rule.since(5 + random.nextInt(3), random.nextInt(20));
        }
        return random.nextInt(8) == 0 ? rule.on(Arch.values()[random.nextInt(2)]) : rule;
    }

    private static SeccompCondition condition(Random random, List<String> calls, Arch arch) {
        int argument = random.nextInt(6);
        int bits = 64;
        for (String call : calls) {
            SyscallTable table = SyscallTable.of(arch);
            bits = Math.min(bits, table.bits(table.number(call), argument));
        }
        long value = value(random);
        value = bits == 64 ? value : random.nextInt(4) == 0 ? value >> 64 - bits : value >>> 64 - bits;
        Comparison comparison = Comparison.values()[random.nextInt(Comparison.values().length)];
        long mask = value(random);
        if (comparison == Comparison.MASKED_EQ) {
            value &= mask;
            value = bits == 64 ? value : value & (1L << bits) - 1;
        }
        return new SeccompCondition(argument, comparison, value, mask);
    }

    private static long value(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(4);
            case 1 -> random.nextInt();
            case 2 -> random.nextInt() & 0xffffffffL;
            case 3 -> 1L << random.nextInt(64);
            case 4 -> (long) random.nextInt(3) << 32 | random.nextInt(3);
            default -> random.nextLong();
        };
    }

    /// Programs with jumps over more than 255 instructions, and up to the limit.
    @Example
    void long_programs_answer_as_the_profile_says() {
        for (Arch arch : Arch.values()) {
            SeccompTarget target = new SeccompTarget(arch, 0, 6, 1);
            int longest = 0;
            for (int values = 1; values < 9; values++) {
                SeccompProfile profile = SeccompProfile.denying(SeccompAction.errno(Errno.EPERM));
                for (int number = 0; number < 330; number++) {
                    String name = SyscallTable.of(arch).name(number);
                    for (int value = 0; name != null && value < values; value++) {
                        profile = profile.with(SeccompRule.allow(name)
                                .when(SeccompCondition.equal(value % 3, (number * 10L + value) & 0x7fff)));
                    }
                }
                byte[] program;
                try {
                    program = profile.compile(target);
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageContaining("the kernel takes at most 4096");
                    break;
                }
                BpfInterpreter filter = new BpfInterpreter(program);
                longest = filter.size();
                agree(filter, Oracle.of(profile, target), new Calls(profile, target), target);
            }
            assertThat(longest).isBetween(3000, 4096);
        }
    }

    @Example
    void a_profile_that_needs_more_than_4096_instructions_is_refused() {
        SeccompProfile profile = SeccompProfile.denying(SeccompAction.KILL_PROCESS);
        for (int i = 0; i < 4100; i++) {
            profile = profile.with(SeccompRule.allow("ioctl").when(SeccompCondition.equal(1, i)));
        }
        SeccompProfile tooLong = profile;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tooLong.compile(new SeccompTarget(Arch.X86_64, 0, 6, 1)))
                .withMessageMatching("the seccomp profile needs 41\\d\\d instructions; the kernel takes at most 4096");
    }

    @Example
    void constants_that_an_argument_can_not_have_are_refused() {
        SeccompTarget target = new SeccompTarget(Arch.X86_64, 0, 6, 1);
        for (long value : new long[] {1L << 32, Long.MIN_VALUE, 0x1_0000_0001L, -1L << 32}) {
            SeccompProfile profile = SeccompProfile.denying(SeccompAction.ALLOW)
                    .with(SeccompRule.allow("socket").when(SeccompCondition.equal(0, value)));
            assertThatIllegalArgumentException().isThrownBy(() -> profile.compile(target))
                    .withMessageContaining("looks at 32 bits of argument 0 of socket");
        }
        SeccompProfile mode = SeccompProfile.denying(SeccompAction.ALLOW)
                .with(SeccompRule.allow("mkdir").when(SeccompCondition.equal(1, 0x10000)));
        assertThatIllegalArgumentException().isThrownBy(() -> mode.compile(target)).withMessageContaining("16 bits");
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompCondition.masked(0, 6, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompCondition.equal(6, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompAction.trap(65536));
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompAction.errno(new Errno(4096)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.standard().with(SeccompRule.allow("opne")))
                .withMessage("unknown system call 'opne'");
    }
}
