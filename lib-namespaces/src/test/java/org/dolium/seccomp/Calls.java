// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Calls to try a profile with: every number, and for each argument that a rule looks at the values around its constants,
/// with high bits set and without.
final class Calls {
    private static final long[] USUAL = {0, 1, -1, Integer.MIN_VALUE, 0xffffffffL, 0x7fffffffL, Long.MIN_VALUE};

    /// One call.
    record Call(int number, long[] args) {}

    private final SeccompProfile profile;
    private final SeccompTarget target;

    Calls(SeccompProfile profile, SeccompTarget target) {
        this.profile = profile;
        this.target = target;
    }

    /// Every number up to 1,023 and some beyond, with arguments that matter where any do.
    void forEach(Consumer<Call> consumer) {
        for (int number = 0; number < 1024; number++) {
            forNumber(number, consumer);
        }
        for (int number : new int[] {-1, 0x40000000, 0x40000001, 0x400001ff, 0x7fffffff, 0x80000000, 4096, 65536}) {
            consumer.accept(new Call(number, new long[6]));
        }
    }

    private void forNumber(int number, Consumer<Call> consumer) {
        String name = SyscallTable.of(target.arch()).name(number);
        List<SeccompRule> rules = profile.rules().stream()
                .filter(rule -> name != null && rule.calls.contains(name) && !rule.conditions.isEmpty())
                .toList();
        consumer.accept(new Call(number, new long[6]));
        if (rules.isEmpty()) {
            return;
        }
        List<Long> values = new ArrayList<>(values(rules));
        Random random = new Random(number);
        for (long value : values) {
            for (int argument = 0; argument < 6; argument++) {
                for (int i = 0; i < 3; i++) {
                    long[] args = new long[6];
                    for (int other = 0; other < 6; other++) {
                        args[other] = values.get(random.nextInt(values.size()));
                    }
                    args[argument] = value;
                    consumer.accept(new Call(number, args));
                }
            }
        }
        for (SeccompRule rule : rules) {
            matching(number, rule, consumer);
        }
    }

    /// Calls that fulfil all conditions of a rule that ask for a value, whatever the high bits are.
    private static void matching(int number, SeccompRule rule, Consumer<Call> consumer) {
        for (int bit = 31; bit < 64; bit++) {
            long[] args = new long[6];
            for (SeccompCondition condition : rule.conditions) {
                args[condition.argument()] = condition.value() | (bit < 32 ? 0 : 1L << bit);
            }
            consumer.accept(new Call(number, args));
        }
    }

    private static TreeSet<Long> values(List<SeccompRule> rules) {
        TreeSet<Long> values = new TreeSet<>();
        for (long usual : USUAL) {
            values.add(usual);
        }
        for (SeccompRule rule : rules) {
            for (SeccompCondition condition : rule.conditions) {
                around(condition.value(), values);
                around(condition.mask() & 0xffffffffL, values);
            }
        }
        return values;
    }

    private static void around(long value, TreeSet<Long> values) {
        for (long near = value - 1; near <= value + 1; near++) {
            values.add(near);
            values.add(near | 1L << 32);
            values.add(near ^ 1L << 63);
            values.add(near | 1L << 16);
            values.add(near & ~0xffffL);
        }
    }
}
