// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// Which system calls a container may make. Immutable.
///
/// [#standard] is what containers have without further words. A profile of one's own is one of these with more rules, or
/// begins with nothing at [#denying]:
///
/// ```java
/// SeccompProfile noExec = SeccompProfile.standard()
///         .with(SeccompRule.of(SeccompAction.errno(Errno.EACCES), "memfd_create"))
///         .named("no memory files");
/// ```
///
/// The rule that was added last, of those that match a call, decides; if none matches, the default action. Numbers that
/// no system call of [SyscallTable] has get another one, `ENOSYS` if not changed: programs then do without what is newer
/// than the profile.
///
/// See seccomp(2) and, for what a filter can't know, its notes: it sees the numbers in registers, and never what a pointer
/// points to.
public final class SeccompProfile {
    private static final class Holder {
        static final SeccompProfile STANDARD = denying("standard", SeccompAction.errno(Errno.EPERM), null);
        static final SeccompProfile UNCONFINED = new SeccompProfile(
                "unconfined", SeccompAction.ALLOW, SeccompAction.ALLOW, SeccompAction.ALLOW, List.of());
    }

    /// A program, and which rules are in it.
    private record Compiled(Arch arch, BitSet counting, byte[] program) {}

    private static final int KEPT = 16;
    private static final int SET_MODE_FILTER = 1;

    private final String name;
    private final SeccompAction usual;
    private final SeccompAction unknown;
    private final SeccompAction foreign;
    /// Of the standard profile only when somebody asks: the program for the usual container is there already.
    private @Nullable List<SeccompRule> rules;

    private final List<Compiled> compiled = new ArrayList<>();

    SeccompProfile(
            String name, SeccompAction usual, SeccompAction unknown, SeccompAction foreign, @Nullable List<SeccompRule> rules) {
        this.name = name;
        this.usual = usual;
        this.unknown = unknown;
        this.foreign = foreign;
        this.rules = rules == null ? null : List.copyOf(rules);
    }

    private static void check(SeccompRule rule) {
        for (int i = 0; i < rule.calls.size(); i++) {
            if (!SyscallTable.of(Arch.X86_64).knows(rule.calls.get(i))) {
                throw new IllegalArgumentException("unknown system call '" + rule.calls.get(i) + "'");
            }
        }
    }

    /// What containers have without further words: about 300 calls. Not those that change the machine, load code into the
    /// kernel or make namespaces, unless a capability for them is granted; sockets only of the families `AF_UNIX`,
    /// `AF_INET`, `AF_INET6` and `AF_NETLINK`, with `CAP_NET_RAW` also `AF_PACKET`. Everything else fails with `EPERM`,
    /// clone3(2) and calls that Dolium does not know with `ENOSYS`, sockets of other families with `EAFNOSUPPORT`.
    public static SeccompProfile standard() {
        return Holder.STANDARD;
    }

    /// As Docker's profile of 2026: as the standard one, but all socket families except `AF_ALG` and `AF_VSOCK`, and all
    /// ioctl(2). Unlike Docker's it has no 32-bit calls.
    public static SeccompProfile dockerCompatible() {
        return Profiles.dockerCompatible();
    }

    /// For steps of a build: files, processes, threads and local sockets. No network, no change of user, no tracing, no
    /// message queues or shared memory of System V or POSIX, whatever capabilities are granted.
    public static SeccompProfile strict() {
        return Profiles.strict();
    }

    /// No filter at all.
    public static SeccompProfile unconfined() {
        return Holder.UNCONFINED;
    }

    /// A profile without rules. To allow calls, add rules.
    ///
    /// @param usual what happens to a call that no rule matches
    public static SeccompProfile denying(SeccompAction usual) {
        return denying("custom", usual, List.of());
    }

    private static SeccompProfile denying(String name, SeccompAction usual, @Nullable List<SeccompRule> rules) {
        SeccompAction missing = SeccompAction.errno(Errno.ENOSYS);
        return new SeccompProfile(name, usual, missing, missing, rules);
    }

    /// The profile with this name: `standard`, `docker`, `strict` or `unconfined`.
    ///
    /// @throws IllegalArgumentException for another name
    public static SeccompProfile parse(String name) {
        return switch (name) {
            case "standard", "default" -> standard();
            case "docker" -> dockerCompatible();
            case "strict" -> strict();
            case "unconfined" -> unconfined();
            default -> throw new IllegalArgumentException("unknown seccomp profile '" + name
                    + "': standard, docker, strict and unconfined are known");
        };
    }

    /// The same with one more rule, which takes precedence over all others.
    ///
    /// @throws IllegalArgumentException if there is no system call of a name
    public SeccompProfile with(SeccompRule rule) {
        return with(List.of(rule));
    }

    /// The same with more rules, each of which takes precedence over those before it.
    ///
    /// @throws IllegalArgumentException if there is no system call of a name
    public SeccompProfile with(List<SeccompRule> added) {
        List<SeccompRule> more = new ArrayList<>(rules());
        for (int i = 0; i < added.size(); i++) {
            check(added.get(i));
            more.add(added.get(i));
        }
        return new SeccompProfile(name, usual, unknown, foreign, more);
    }

    /// The same for a process that shares its user, files, processes and System V IPC with others of the host, and is confined
    /// by Landlock, which knows nothing of these calls. They fail with `EPERM`: changing owners, modes, times and attributes
    /// of files by their path; changing limits, priorities and processors of other processes, or leaving the own session;
    /// watching files by inotify(7). There are no local sockets but socketpair(2), as whoever listens could be asked to do
    /// more; and no queues, semaphores and shared memory of System V and POSIX.
    public SeccompProfile withoutNamespaces() {
        return isUnconfined() ? this : with(Profiles.withoutNamespaces()).named(name + ", without namespaces");
    }

    /// The same for one target only: the rules that count there, which do not depend on capabilities, architecture and
    /// kernel any more.
    public SeccompProfile at(SeccompTarget target) {
        List<SeccompRule> rules = rules();
        List<SeccompRule> counting = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).counts(target)) {
                counting.add(rules.get(i).always());
            }
        }
        return new SeccompProfile(name, usual, unknown, foreign, counting);
    }

    /// The same with another action for numbers that no known system call has.
    public SeccompProfile unknownCalls(SeccompAction action) {
        return new SeccompProfile(name, usual, action, foreign, rules());
    }

    /// The same with another action for calls in the way of another architecture, such as those of 32-bit programs. The
    /// rules do not apply to these.
    public SeccompProfile foreignCalls(SeccompAction action) {
        return new SeccompProfile(name, usual, unknown, action, rules());
    }

    /// The same with another name, for texts.
    public SeccompProfile named(String other) {
        return new SeccompProfile(other, usual, unknown, foreign, rules());
    }

    public String name() {
        return name;
    }

    /// Of the rules that match a call, the last one decides.
    public synchronized List<SeccompRule> rules() {
        List<SeccompRule> known = this.rules;
        if (known == null) {
            known = Profiles.standard();
            this.rules = known;
        }
        return known;
    }

    /// What happens to a call that no rule matches.
    public SeccompAction usual() {
        return usual;
    }

    /// What happens to numbers that no known system call has.
    public SeccompAction unknown() {
        return unknown;
    }

    /// What happens to calls in the way of another architecture.
    public SeccompAction foreign() {
        return foreign;
    }

    /// Whether every call is allowed, so that no filter is needed.
    public boolean isUnconfined() {
        return usual.equals(SeccompAction.ALLOW)
                && unknown.equals(SeccompAction.ALLOW)
                && foreign.equals(SeccompAction.ALLOW)
                && rules().isEmpty();
    }

    /// Whether a call is allowed, or a supervisor asked, at least for some arguments.
    public boolean mayAllow(String call, SeccompTarget target) {
        int number = SyscallTable.of(target.arch()).number(call);
        if (number < 0) {
            return false;
        }
        for (Case at = cases(target)[number]; at != null; at = at.otherwise) {
            if (new SeccompAction(at.action).mayLetThrough()) {
                return true;
            }
        }
        return false;
    }

    /// The filter: an array of `struct sock_filter`. Equal profiles and targets give equal bytes.
    ///
    /// @throws IllegalArgumentException if it is longer than the kernel's limit of 4,096 instructions, or compares an
    ///     argument with a constant that it can't have
    public byte[] compile(SeccompTarget target) {
        return program(target).clone();
    }

    private synchronized byte[] program(SeccompTarget target) {
        if (this == Holder.STANDARD && Precompiled.isFor(target)) {
            return Precompiled.program(target.arch());
        }
        List<SeccompRule> rules = rules();
        BitSet counting = new BitSet();
        for (int i = 0; i < rules.size(); i++) {
            counting.set(i, rules.get(i).counts(target));
        }
        for (int i = 0; i < compiled.size(); i++) {
            if (compiled.get(i).arch == target.arch() && compiled.get(i).counting.equals(counting)) {
                return compiled.get(i).program;
            }
        }
        byte[] program = translate(target);
        if (compiled.size() == KEPT) {
            compiled.removeFirst();
        }
        compiled.add(new Compiled(target.arch(), counting, program));
        return program;
    }

    /// Compiles anew.
    byte[] translate(SeccompTarget target) {
        return FilterCompiler.compile(target.arch(), cases(target), new Case(unknown.value()), foreign.value());
    }

    /// The filter as a system call takes it.
    ///
    /// @throws IllegalArgumentException as [#compile]
    public Arg.Filter filter(SeccompTarget target) {
        return filter(name, program(target));
    }

    /// A filter that was compiled before.
    ///
    /// @param name for texts
    /// @param program as [#compile] gave it
    public static Arg.Filter filter(String name, byte[] program) {
        return new Arg.Filter(program, "{len=" + program.length / Arg.Filter.INSTRUCTION + ", filter=" + name + "}");
    }

    /// Appends the call that installs the filter, if there is one. It needs `no_new_privs` or `CAP_SYS_ADMIN`.
    ///
    /// @throws IllegalArgumentException as [#compile]
    public void lower(PlanBuilder plan, SeccompTarget target) {
        if (!isUnconfined()) {
            lower(plan, filter(target));
        }
    }

    /// Appends the call that installs this filter.
    public static void lower(PlanBuilder plan, Arg.Filter filter) {
        plan.add(Sys.SECCOMP, Arg.flags(SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"), Arg.num(0), filter);
    }

    /// What happens to each number that is assigned.
    Case[] cases(SeccompTarget target) {
        SyscallTable table = SyscallTable.of(target.arch());
        Case[] cases = new Case[table.last() + 1];
        Case usualCase = new Case(usual.value());
        Case unknownCase = new Case(unknown.value());
        for (int i = 0; i < cases.length; i++) {
            cases[i] = table.name(i) == null ? unknownCase : usualCase;
        }
        List<SeccompRule> rules = rules();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).counts(target)) {
                apply(rules.get(i), table, cases);
            }
        }
        return cases;
    }

    private static void apply(SeccompRule rule, SyscallTable table, Case[] cases) {
        Case always = new Case(rule.action.value());
        for (int i = 0; i < rule.calls.size(); i++) {
            int number = table.number(rule.calls.get(i));
            if (number < 0) {
                continue;
            }
            cases[number] = rule.conditions.isEmpty()
                    ? always
                    : new Case(checks(rule, table, number), rule.action.value(), cases[number]);
        }
    }

    private static List<Case.Check> checks(SeccompRule rule, SyscallTable table, int number) {
        Case.Check[] checks = new Case.Check[rule.conditions.size()];
        for (int i = 0; i < checks.length; i++) {
            SeccompCondition condition = rule.conditions.get(i);
            int bits = table.bits(number, condition.argument());
            if (!condition.fits(bits)) {
                throw new IllegalArgumentException("the kernel looks at " + bits + " bits of argument " + condition.argument()
                        + " of " + table.name(number) + ", so it can't be compared as " + condition);
            }
            checks[i] = new Case.Check(condition, bits);
        }
        return Arrays.asList(checks);
    }

    /// Whether it has the same rules and actions. The names do not matter.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SeccompProfile that
                && usual.equals(that.usual)
                && unknown.equals(that.unknown)
                && foreign.equals(that.foreign)
                && rules().equals(that.rules());
    }

    @Override
    public int hashCode() {
        return 31 * usual.hashCode() + rules().hashCode();
    }

    /// The name, as texts show it.
    @Override
    public String toString() {
        return name;
    }
}
