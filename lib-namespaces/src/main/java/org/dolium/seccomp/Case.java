// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to one system call: the first of a chain of cases whose checks all hold decides. The last one has none.
///
/// Chains can be thousands long, so nothing here is recursive.
final class Case {
    /// A condition, and how many bits of its argument count.
    record Check(SeccompCondition condition, int bits) {
        boolean holds(long[] arguments) {
            long seen = bits == Long.SIZE ? -1 : (1L << bits) - 1;
            long argument = arguments[condition.argument()] & seen;
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

    final List<Check> checks;
    final int action;
    final @Nullable Case otherwise;
    private final int hash;

    Case(List<Check> checks, int action, Case otherwise) {
        this.checks = checks;
        this.action = action;
        this.otherwise = otherwise;
        this.hash = 31 * (31 * checks.hashCode() + action) + otherwise.hash;
    }

    Case(int action) {
        this.checks = List.of();
        this.action = action;
        this.otherwise = null;
        this.hash = action;
    }

    /// What happens to a call with these six arguments.
    int action(long[] arguments) {
        Case at = this;
        while (at.otherwise != null && !at.holds(arguments)) {
            at = at.otherwise;
        }
        return at.action;
    }

    private boolean holds(long[] arguments) {
        for (int i = 0; i < checks.size(); i++) {
            if (!checks.get(i).holds(arguments)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Case that)) {
            return false;
        }
        Case a = this;
        Case b = that;
        while (a != b) {
            if (a.hash != b.hash || a.action != b.action || !a.checks.equals(b.checks)
                    || a.otherwise == null || b.otherwise == null) {
                return a.hash == b.hash && a.action == b.action && a.otherwise == null && b.otherwise == null;
            }
            a = a.otherwise;
            b = b.otherwise;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
