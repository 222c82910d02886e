// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Limits of a cgroup, each with how badly it is wanted. Immutable.
public final class Limits {
    private static final Limits NONE = new Limits(List.of());

    /// One limit.
    public record Wanted(Limit limit, Requirement requirement) {}

    private final List<Wanted> wanted;

    private Limits(List<Wanted> wanted) {
        this.wanted = wanted;
    }

    public static Limits none() {
        return NONE;
    }

    /// Adds a limit that must be in force.
    public Limits with(Limit limit) {
        return with(limit, Requirement.REQUIRED);
    }

    /// Adds a limit, in place of an earlier one of the same kind.
    public Limits with(Limit limit, Requirement requirement) {
        List<Wanted> more = new ArrayList<>(wanted.size() + 1);
        for (int i = 0; i < wanted.size(); i++) {
            if (!wanted.get(i).limit().key().equals(limit.key())) {
                more.add(wanted.get(i));
            }
        }
        more.add(new Wanted(limit, requirement));
        return new Limits(List.copyOf(more));
    }

    /// Adds every limit of `others`, in place of earlier ones of the same kind.
    public Limits with(Limits others) {
        Limits all = this;
        for (int i = 0; i < others.wanted.size(); i++) {
            all = all.with(others.wanted.get(i).limit(), others.wanted.get(i).requirement());
        }
        return all;
    }

    public List<Wanted> all() {
        return wanted;
    }

    /// The limit of a kind, or null if there is none.
    public <T extends Limit> @Nullable T find(Class<T> kind) {
        for (int i = 0; i < wanted.size(); i++) {
            if (kind.isInstance(wanted.get(i).limit())) {
                return kind.cast(wanted.get(i).limit());
            }
        }
        return null;
    }

    /// How badly the limit is wanted that has the key of `limit`.
    public Requirement requirement(Limit limit) {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).limit().key().equals(limit.key())) {
                return wanted.get(i).requirement();
            }
        }
        return Requirement.REQUIRED;
    }

    /// Whether there is a limit with the key of `limit`.
    public boolean has(Limit limit) {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).limit().key().equals(limit.key())) {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return wanted.isEmpty();
    }

    @Override
    public String toString() {
        return wanted.toString();
    }
}
