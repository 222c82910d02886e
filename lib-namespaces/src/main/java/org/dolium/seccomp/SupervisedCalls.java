// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// A profile of which some calls wait for a supervisor, where the profile allows them or makes them fail. Where it kills,
/// traps or asks a tracer, it does so as before.
///
/// It is one filter and not two: of two filters the stricter answer counts, and to make a call fail is stricter than to
/// ask a supervisor. See seccomp_unotify(2).
public final class SupervisedCalls {
    /// The descriptor that the listener gets: the lowest that is free when everything above the status descriptor is closed.
    public static final int LISTENER = 4;

    private static final int SET_MODE_FILTER = 1;
    private static final int NEW_LISTENER = 1 << 3;
    private static final int WAIT_KILLABLE_RECV = 1 << 5;
    private static final int SIXTH = 5;

    /// What a launch may still do after the filter is installed. None of these calls has a sixth argument.
    private static final String[] OF_THE_LAUNCH = {
        "execve", "sendmsg", "read", "write", "prctl", "setgroups", "setresgid", "setresuid", "getresgid", "getresuid",
        "capset", "capget", "umask", "chdir", "getcwd", "rt_sigaction", "rt_sigprocmask", "exit_group"
    };

    private final SeccompProfile profile;
    private final SeccompTarget target;
    private final List<String> names;
    private final long pass;
    private final Case[] before;
    private byte @Nullable [] program;

    /// @param names the calls that wait; those that only another architecture has are ignored
    /// @param pass a secret number by which the filter knows the launch's own calls: see [org.dolium.plan.Step.Pass]
    public SupervisedCalls(SeccompProfile profile, SeccompTarget target, List<String> names, long pass) {
        this.profile = profile;
        this.target = target;
        this.names = List.copyOf(names);
        this.pass = pass;
        this.before = profile.cases(target);
    }

    /// Whether a launch makes such a call itself.
    public static boolean isOfTheLaunch(String name) {
        for (String call : OF_THE_LAUNCH) {
            if (call.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// What the profile does about a call, without a supervisor.
    ///
    /// @param number of the target's architecture
    public SeccompAction withoutSupervisor(int number, long[] arguments) {
        return number >= 0 && number < before.length
                ? new SeccompAction(before[number].action(arguments))
                : profile.unknown();
    }

    /// The filter: an array of `struct sock_filter`.
    ///
    /// @throws IllegalArgumentException as [SeccompProfile#compile]
    public synchronized byte[] compile() {
        byte[] known = program;
        if (known == null) {
            known = translate();
            program = known;
        }
        return known.clone();
    }

    private byte[] translate() {
        SyscallTable table = SyscallTable.of(target.arch());
        Case[] cases = before.clone();
        for (int i = 0; i < names.size(); i++) {
            int number = table.number(names.get(i));
            if (number >= 0) {
                cases[number] = waiting(cases[number]);
            }
        }
        for (String name : OF_THE_LAUNCH) {
            int number = table.number(name);
            cases[number] = passing(cases[number]);
        }
        return FilterCompiler.compile(
                target.arch(), cases, new Case(profile.unknown().value()), profile.foreign().value());
    }

    /// The launch's own calls are made, whatever happens to others.
    private Case passing(Case answer) {
        if (answer.otherwise == null && answer.action == SeccompAction.ALLOW.value()) {
            return answer;
        }
        Case.Check secret = new Case.Check(SeccompCondition.equal(SIXTH, pass), Long.SIZE);
        return new Case(List.of(secret), SeccompAction.ALLOW.value(), answer);
    }

    /// Chains can be thousands long, so this is not recursive.
    private static Case waiting(Case answer) {
        List<Case> chain = new ArrayList<>();
        boolean all = true;
        Case last = answer;
        for (Case at = answer; at != null; at = at.otherwise) {
            chain.add(at);
            last = at;
            all &= waits(at.action);
        }
        Case result = new Case(waits(last.action) ? SeccompAction.USER_NOTIFY.value() : last.action);
        for (int i = all ? -1 : chain.size() - 2; i >= 0; i--) {
            int action = chain.get(i).action;
            result = new Case(chain.get(i).checks, waits(action) ? SeccompAction.USER_NOTIFY.value() : action, result);
        }
        return result;
    }

    private static boolean waits(int action) {
        return action == SeccompAction.ALLOW.value()
                || action == SeccompAction.LOG.value()
                || action == SeccompAction.USER_NOTIFY.value()
                || new SeccompAction(action).isErrno();
    }

    /// Appends the call that installs the filter and gives the listener. From there on the plan's calls carry the pass.
    ///
    /// @param killable whether the kernel can let a call wait undisturbed by signals once the supervisor has seen it: 5.19
    /// @throws IllegalArgumentException as [#compile]
    public void lower(PlanBuilder plan, boolean killable) {
        byte[] program = compile();
        Arg.Filter filter = new Arg.Filter(
                program,
                "{len=" + program.length / Arg.Filter.INSTRUCTION + ", filter=" + profile + ", notify=" + names + "}");
        Arg flags = killable
                ? Arg.flags(
                        NEW_LISTENER | WAIT_KILLABLE_RECV,
                        "SECCOMP_FILTER_FLAG_NEW_LISTENER|SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")
                : Arg.flags(NEW_LISTENER, "SECCOMP_FILTER_FLAG_NEW_LISTENER");
        plan.pass(pass);
        plan.addExact(
                Syscall.of(Sys.SECCOMP, Arg.flags(SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"), flags, filter), LISTENER);
    }
}
