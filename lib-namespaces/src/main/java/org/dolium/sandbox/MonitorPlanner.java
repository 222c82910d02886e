// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompCondition;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;

/// Plans the monitor of a detached container: what it does before it makes the container, and what the container's process does
/// before it executes the program of its own plan, which is that of an ordinary launch.
///
/// The order, and why: the monitor leaves the session of the JVM, whose terminal is none of its business. The container's process
/// binds itself to the monitor and says so, while all that the JVM lets it do is wait; then it has only what the JVM's child has
/// in an ordinary launch, capabilities included, and executes.
public final class MonitorPlanner {
    private static final int FIRST_PASSED_FD = 4;
    private static final long O_NONBLOCK = 0x800;
    private static final int CLONE_ARGS = 88;
    private static final int SIGCHLD = 17;
    private static final long CLOSE_RANGE_CLOEXEC = 4;

    private MonitorPlanner() {}

    public static LaunchPlan plan(Host host, Monitoring monitoring) {
        int first = FIRST_PASSED_FD + monitoring.passed();
        PlanBuilder plan = new PlanBuilder();
        plan.add(Sys.SETSID);
        plan.add(Sys.UMASK, Arg.octal(0)); // a new log has the mode that it is made with
        doNotWait(plan, first + Step.Monitor.OUTPUT);
        doNotWait(plan, first + Step.Monitor.ERROR);
        boolean ownPids = (monitoring.namespaces() & NamespaceKind.PID.cloneFlag()) != 0;
        plan.monitor(new Step.Monitor(
                clone(monitoring, first), first, host.capabilities() & Capability.KILL.bit(), !ownPids, monitoring.logBytes(),
                monitoring.logFiles(), host.seccompFilters() ? filter(host, monitoring.input()) : null, monitoring.input(),
                monitoring.kept(), monitoring.counts(), monitoring.logged()));
        becomeContainer(plan, host, monitoring, first);
        return plan.build(first + Step.Monitor.CHANNEL);
    }

    private static void doNotWait(PlanBuilder plan, int fd) {
        plan.add(Sys.FCNTL, Arg.num(fd), Arg.flags(4, "F_SETFL"), Arg.flags(O_NONBLOCK, "O_NONBLOCK"));
    }

    /// By clone(2) where that is enough: an outer container's filter may forbid the other.
    private static Syscall clone(Monitoring monitoring, int first) {
        long flags = monitoring.namespaces();
        if (flags == 0 && !monitoring.intoCgroup()) {
            return Step.Init.CALL;
        }
        byte[] arguments = new byte[CLONE_ARGS];
        for (int i = 0; i < 8; i++) {
            arguments[i] = (byte) (flags >>> 8 * i);
        }
        String text = Namespaces.flagsText(flags);
        arguments[32] = SIGCHLD;
        String cgroup = "";
        if (monitoring.intoCgroup()) {
            arguments[4] |= 2; // CLONE_INTO_CGROUP
            text += (text.isEmpty() ? "" : "|") + "CLONE_INTO_CGROUP";
            int directory = first + Step.Monitor.COUNT + monitoring.kept();
            for (int i = 0; i < 4; i++) {
                arguments[80 + i] = (byte) (directory >>> 8 * i);
            }
            cgroup = ", cgroup=" + directory;
        }
        Arg.Bytes how = new Arg.Bytes(arguments, "{flags=" + text + ", exit_signal=SIGCHLD" + cgroup + "}");
        return Syscall.of(Sys.CLONE3, how, Arg.num(CLONE_ARGS));
    }

    /// The last that the JVM's child does in an ordinary launch before it executes the same program.
    private static void becomeContainer(PlanBuilder plan, Host host, Monitoring monitoring, int first) {
        plan.add(Sys.PRCTL, Arg.flags(1, "PR_SET_PDEATHSIG"), Arg.flags(9, "SIGKILL"));
        close(plan, first + Step.Monitor.DIRECTORY, Arg.num(0));
        close(plan, first, Arg.flags(CLOSE_RANGE_CLOEXEC, "CLOSE_RANGE_CLOEXEC"));
        if ((monitoring.namespaces() & NamespaceKind.USER.cloneFlag()) != 0) {
            long all = host.lastCapability() >= 63 ? -1L : (1L << host.lastCapability() + 1) - 1;
            new CapabilitySets(all, all, all, all, all).lowerFinal(plan); // an exec by a uid that is not mapped yet keeps no others
        }
        Arg.Bytes bound = new Arg.Bytes(new byte[] {(byte) Step.Monitor.BOUND}, "\"" + Step.Monitor.BOUND + "\"");
        plan.addExact(Syscall.of(Sys.WRITE, Arg.num(first + Step.Monitor.CHANNEL), bound, Arg.num(1)), 1);
        plan.add(
                Sys.EXECVEAT, Arg.num(first + Step.Monitor.PROGRAM), Arg.str(""),
                Arg.strings(List.of(new byte[] {'i', 'n', 'i', 't'})), Arg.strings(List.of()), Arg.flags(0x1000, "AT_EMPTY_PATH"));
    }

    private static void close(PlanBuilder plan, int from, Arg how) {
        plan.add(Sys.CLOSE_RANGE, Arg.num(from), Arg.flags(0xffffffffL, "~0U"), how);
    }

    /// Nothing but what it does, to the files that it has.
    private static Arg.Filter filter(Host host, Step.Monitor.Input input) {
        long newLog = 0x804c1 | OpenFlags.noFollow(host.arch()); // O_WRONLY|O_CREAT|O_EXCL|O_APPEND|O_NOFOLLOW|O_CLOEXEC
        SeccompAction other = SeccompAction.KILL_PROCESS;
        List<SeccompRule> rules = new ArrayList<>(List.of(
                SeccompRule.allow(
                        "ppoll", "recvmsg", "read", "write", "pwrite64", "close", "close_range", "clock_gettime", "ftruncate",
                        "renameat2", "unlinkat", "wait4", "exit_group"),
                SeccompRule.allow("openat").when(SeccompCondition.equal(2, newLog)),
                SeccompRule.allow("kill").when(SeccompCondition.equal(1, 9)), // SIGKILL
                SeccompRule.allow("prctl").when(SeccompCondition.equal(0, 1), SeccompCondition.equal(1, 0))));
        if (input != Step.Monitor.Input.NONE) {
            rules.add(SeccompRule.allow("sendmsg").when(SeccompCondition.equal(2, 0x4040))); // MSG_DONTWAIT|MSG_NOSIGNAL
        }
        SeccompProfile profile =
                SeccompProfile.denying(other).unknownCalls(other).foreignCalls(other).with(rules).named("monitor");
        byte[] program = profile.compile(new SeccompTarget(host.arch(), 0, host.kernelMajor(), host.kernelMinor()));
        return new Arg.Filter(program, "{len=" + program.length / Arg.Filter.INSTRUCTION + ", filter=" + profile + "}");
    }
}
