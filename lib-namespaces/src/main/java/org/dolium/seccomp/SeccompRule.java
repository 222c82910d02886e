// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.jspecify.annotations.Nullable;

/// What shall happen to some system calls, and when. Immutable.
///
/// ```java
/// SeccompRule.allow("socket").when(SeccompCondition.equal(0, 1)) // AF_UNIX
/// ```
public final class SeccompRule {
    final SeccompAction action;
    final List<String> calls;
    final List<SeccompCondition> conditions;

    /// The rule counts if all of these bits are in the bounding set, and none of the other ones.
    final long needed;

    final long excluded;
    final @Nullable Arch arch;
    final int major;
    final int minor;

    private SeccompRule(SeccompAction action, List<String> calls, List<SeccompCondition> conditions, long needed,
            long excluded, @Nullable Arch arch, int major, int minor) {
        this.action = action;
        this.calls = List.copyOf(calls);
        this.conditions = List.copyOf(conditions);
        this.needed = needed;
        this.excluded = excluded;
        this.arch = arch;
        this.major = major;
        this.minor = minor;
    }

    /// A rule for all calls with these names, as in syscalls(2). A name that only another architecture has is ignored.
    public static SeccompRule of(SeccompAction action, List<String> calls) {
        return new SeccompRule(action, calls, List.of(), 0, 0, null, 0, 0);
    }

    public static SeccompRule of(SeccompAction action, String... calls) {
        return of(action, List.of(calls));
    }

    /// A rule that lets calls through.
    public static SeccompRule allow(String... calls) {
        return of(SeccompAction.ALLOW, List.of(calls));
    }

    /// The same for calls whose arguments fulfil these conditions too. All conditions of a rule must be fulfilled.
    public SeccompRule when(SeccompCondition... added) {
        List<SeccompCondition> all = new ArrayList<>(conditions);
        all.addAll(List.of(added));
        return new SeccompRule(action, calls, all, needed, excluded, arch, major, minor);
    }

    /// The same for containers that are granted this capability too: it is in their bounding set.
    public SeccompRule with(Capability capability) {
        return new SeccompRule(
                action, calls, conditions, needed | capability.bit(), excluded, arch, major, minor);
    }

    /// The same for containers without this capability in their bounding set.
    public SeccompRule without(Capability capability) {
        return new SeccompRule(
                action, calls, conditions, needed, excluded | capability.bit(), arch, major, minor);
    }

    /// The same for one architecture.
    public SeccompRule on(Arch only) {
        return new SeccompRule(action, calls, conditions, needed, excluded, only, major, minor);
    }

    /// The same from a kernel release on.
    public SeccompRule since(int kernelMajor, int kernelMinor) {
        return new SeccompRule(action, calls, conditions, needed, excluded, arch, kernelMajor, kernelMinor);
    }

    /// Whether it counts for a container.
    boolean counts(SeccompTarget target) {
        boolean recent = target.kernelMajor() > major
                || target.kernelMajor() == major && target.kernelMinor() >= minor;
        return recent
                && (arch == null || arch == target.arch())
                && (target.bounding() & needed) == needed
                && (target.bounding() & excluded) == 0;
    }

    @Override
    public String toString() {
        return action + " " + calls + (conditions.isEmpty() ? "" : " when " + conditions);
    }
}
