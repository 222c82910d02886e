// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.testing.BpfInterpreter;

/// What a profile says about a call, found by reading its rules one after the other. Shares nothing with the compiler.
final class Oracle {
    private final SeccompProfile profile;
    private final SeccompTarget target;
    private final SeccompAction unknown;
    private final SeccompAction foreign;

    Oracle(SeccompProfile profile, SeccompTarget target, SeccompAction unknown, SeccompAction foreign) {
        this.profile = profile;
        this.target = target;
        this.unknown = unknown;
        this.foreign = foreign;
    }

    /// For a profile whose unknown and foreign calls are missing.
    static Oracle of(SeccompProfile profile, SeccompTarget target) {
        SeccompAction missing = SeccompAction.errno(org.dolium.linux.Errno.ENOSYS);
        return new Oracle(profile, target, missing, missing);
    }

    SeccompAction answer(int arch, int number, long... args) {
        if (arch != (target.arch() == Arch.X86_64 ? BpfInterpreter.X86_64 : BpfInterpreter.AARCH64)) {
            return foreign;
        }
        String name = SyscallTable.of(target.arch()).name(number);
        if (name == null) {
            return unknown;
        }
        List<SeccompRule> rules = profile.rules();
        for (SeccompRule rule : rules.reversed()) {
            if (rule.calls.contains(name) && rule.counts(target) && holds(rule, number, args)) {
                return rule.action;
            }
        }
        return profile.usual();
    }

    private boolean holds(SeccompRule rule, int number, long... args) {
        for (SeccompCondition condition : rule.conditions) {
            int bits = SyscallTable.of(target.arch()).bits(number, condition.argument());
            long seen = bits == 64 ? -1 : (1L << bits) - 1;
            if (!holds(condition, args[condition.argument()] & seen, seen)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(SeccompCondition condition, long argument, long seen) {
        long value = condition.value() & seen;
        int order = Long.compareUnsigned(argument, value);
        return switch (condition.comparison()) {
            case EQ -> order == 0;
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case GT -> order > 0;
            case GE -> order >= 0;
            case MASKED_EQ -> (argument & condition.mask()) == value;
        };
    }
}
