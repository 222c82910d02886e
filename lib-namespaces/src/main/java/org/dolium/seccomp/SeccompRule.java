// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.LinkedHashSet;
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

    /// The kernels for which it counts: from the first of these releases on, before the second.
    private final long since;

    private final long before;

    private SeccompRule(SeccompAction action, List<String> calls, List<SeccompCondition> conditions, long needed,
            long excluded, @Nullable Arch arch, long since, long before) {
        this.action = action;
        this.calls = List.copyOf(calls);
        this.conditions = List.copyOf(conditions);
        this.needed = needed;
        this.excluded = excluded;
        this.arch = arch;
        this.since = since;
        this.before = before;
    }

    private static long release(int major, int minor) {
        if (major < 0 || minor < 0) {
            throw new IllegalArgumentException("no kernel release: " + major + "." + minor);
        }
        return (long) major << 32 | minor;
    }

    /// A rule for all calls with these names, as in syscalls(2). A name that only another architecture has is ignored.
    ///
    /// @throws IllegalArgumentException if there is no name
    public static SeccompRule of(SeccompAction action, List<String> calls) {
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("a rule needs at least one system call");
        }
        return new SeccompRule(action, List.copyOf(new LinkedHashSet<>(calls)), List.of(), 0, 0, null, 0, Long.MAX_VALUE);
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
        return new SeccompRule(action, calls, all, needed, excluded, arch, since, before);
    }

    /// The same for containers that are granted this capability too: it is in their bounding set.
    public SeccompRule with(Capability capability) {
        return new SeccompRule(
                action, calls, conditions, needed | capability.bit(), excluded, arch, since, before);
    }

    /// The same for containers without this capability in their bounding set.
    public SeccompRule without(Capability capability) {
        return new SeccompRule(
                action, calls, conditions, needed, excluded | capability.bit(), arch, since, before);
    }

    /// The same for one architecture.
    public SeccompRule on(Arch only) {
        return new SeccompRule(action, calls, conditions, needed, excluded, only, since, before);
    }

    /// The same from a kernel release on.
    public SeccompRule since(int kernelMajor, int kernelMinor) {
        return new SeccompRule(
                action, calls, conditions, needed, excluded, arch, release(kernelMajor, kernelMinor), before);
    }

    /// The same for kernels before a release.
    public SeccompRule before(int kernelMajor, int kernelMinor) {
        return new SeccompRule(
                action, calls, conditions, needed, excluded, arch, since, release(kernelMajor, kernelMinor));
    }

    /// The same without conditions on capabilities, architecture and kernel.
    SeccompRule always() {
        return new SeccompRule(action, calls, conditions, 0, 0, null, 0, Long.MAX_VALUE);
    }

    public SeccompAction action() {
        return action;
    }

    /// The names of the calls.
    public List<String> calls() {
        return calls;
    }

    /// What the arguments must fulfil, all of it.
    public List<SeccompCondition> conditions() {
        return conditions;
    }

    /// The capabilities that must all be granted, one bit each; see [Capability#bit].
    public long needed() {
        return needed;
    }

    /// The capabilities of which none may be granted, one bit each.
    public long excluded() {
        return excluded;
    }

    /// The only architecture for which the rule counts, or null for every one.
    public @Nullable Arch arch() {
        return arch;
    }

    /// The first kernel release for which the rule counts, such as `4.8`, or null for every one.
    public @Nullable String since() {
        return since == 0 ? null : (since >>> 32) + "." + (int) since;
    }

    /// The first kernel release for which the rule does not count any more, or null if there is none.
    public @Nullable String before() {
        return before == Long.MAX_VALUE ? null : (before >>> 32) + "." + (int) before;
    }

    /// Whether it counts for a container.
    boolean counts(SeccompTarget target) {
        long kernel = release(target.kernelMajor(), target.kernelMinor());
        return kernel >= since
                && kernel < before
                && (arch == null || arch == target.arch())
                && (target.bounding() & needed) == needed
                && (target.bounding() & excluded) == 0;
    }

    /// Whether it is the same rule.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SeccompRule that
                && action.equals(that.action)
                && calls.equals(that.calls)
                && conditions.equals(that.conditions)
                && needed == that.needed
                && excluded == that.excluded
                && arch == that.arch
                && since == that.since
                && before == that.before;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * action.hashCode() + calls.hashCode()) + conditions.hashCode();
    }

    @Override
    public String toString() {
        return action + " " + calls + (conditions.isEmpty() ? "" : " when " + conditions);
    }
}
