// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.mount.Terminal;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.process.CommandSearch;
import org.dolium.process.ProcessAttributes;
import org.jspecify.annotations.Nullable;

/// Plans a further command in a sandbox that runs already; a function of the spec and the host.
///
/// The order, and why. What the JVM makes is on the host, in memory of its own, and nobody in the sandbox sees it: it becomes
/// non-dumpable, enters the cgroups while the host's are still its own, closes every descriptor of the host, and joins all
/// namespaces at once, through the pidfd of the sandbox's process. There it gives up everything that the command does not get.
/// Only then it makes the process that is born into the pid namespace: whoever is in there sees one that has no more rights
/// than the command, no descriptor but the command's and the status socket, and whose memory belongs to the host's user
/// namespace and can't be read. The filter of system calls comes last.
public final class ExecPlanner {
    /// The number of the pidfd of the sandbox's process.
    public static final int PIDFD = 4;

    /// The number of the first descriptor of the cgroups: those of `tasks` files, then the directory of cgroup v2.
    public static final int FIRST_CGROUP_FD = 5;

    private final SandboxSpec spec;
    private final int directory;
    private final PlanBuilder plan = new PlanBuilder();
    private final LastSteps last;

    private final @Nullable Terminal terminal;

    private ExecPlanner(SandboxSpec spec, Host host, Entrance entrance) {
        this.spec = spec;
        this.terminal = entrance.terminal();
        CgroupEntry entry = spec.cgroup();
        this.directory = entrance.born() ? FIRST_CGROUP_FD + (entry == null ? 0 : entry.count()) : -1;
        this.last = new LastSteps(spec, host, plan, entrance);
    }

    /// @param spec the sandbox, with the command that is to run in it, and the way into its cgroups
    public static LaunchPlan plan(SandboxSpec spec, Host host, Entrance entrance) {
        return new ExecPlanner(spec, host, entrance).build();
    }

    /// Whether a further command has the supplementary groups of who launches it: those of the spec can't be set.
    public static boolean keepsGroups(SandboxSpec spec, Host host) {
        return new LastSteps(spec, host, new PlanBuilder(), Entrance.plain(false)).setgroupsDenied();
    }

    private LaunchPlan build() {
        plan.add(Sys.FCNTL, Arg.num(LastSteps.STATUS), Arg.flags(2, "F_SETFD"), Arg.flags(1, "FD_CLOEXEC"));
        boolean waits = spec.cgroup() != null && spec.cgroup().waits();
        if (waits) {
            last.awaitGo();
        }
        last.noCores();
        ProcessAttributes.lowerInherited(plan);
        if (spec.oomScoreAdj() != null) {
            ProcessAttributes.lowerOomScoreAdj(plan, spec.oomScoreAdj());
        }
        spec.confinement().lowerLabels(plan);
        last.notDumpable();
        enterCgroups();
        enterNamespaces();
        if (terminal != null) { // while nobody sees it, and before rules about files are in force
            terminal.lowerInside(plan);
            last.giveTerminal();
            closeFrom(PIDFD);
        }
        last.limits();
        last.credentials();
        last.notDumpable(); // where fs.suid_dumpable is 1, a change of ids undid it
        if ((spec.namespaces().entryFlags() & NamespaceKind.PID.cloneFlag()) != 0) {
            plan.fork();
        }
        plan.add(Sys.SETSID);
        if (terminal != null) {
            last.controlTerminal();
        }
        last.askJvm();
        last.attributes(false);
        CommandSearch.lower(plan, spec.command(), spec.environment());
        return plan.buildAsking(LastSteps.STATUS, waits);
    }

    /// By a birth in cgroup v2, where a move would wait for a grace period of the kernel, and by moving itself in v1.
    private void enterCgroups() {
        if (directory >= 0) {
            plan.forkInto(directory);
        }
        if (spec.cgroup() != null) {
            spec.cgroup().lower(plan);
        }
        closeFrom(FIRST_CGROUP_FD);
    }

    private void enterNamespaces() {
        long flags = spec.namespaces().entryFlags();
        if (flags != 0) {
            plan.add(Sys.SETNS, Arg.num(PIDFD), Arg.flags(flags, Namespaces.flagsText(flags)));
        }
        closeFrom(PIDFD);
        if ((flags & NamespaceKind.USER.cloneFlag()) != 0) {
            becomeKnown();
        }
    }

    private void closeFrom(int first) {
        plan.add(Sys.CLOSE_RANGE, Arg.num(first), Arg.flags(0xffffffffL, "~0U"), Arg.num(0));
    }

    /// The JVM's own ids may mean nobody in the user namespace, whom files can't belong to.
    private void becomeKnown() {
        boolean known = spec.uidMaps() != null && spec.gidMaps() != null;
        become(Sys.SETRESGID, known ? spec.gidMaps().firstInside() : 0, known);
        become(Sys.SETRESUID, known ? spec.uidMaps().firstInside() : 0, known);
    }

    private void become(Sys sys, long id, boolean known) {
        Syscall call = Syscall.of(sys, Arg.num(id), Arg.num(id), Arg.num(id));
        if (known) {
            plan.add(call);
        } else {
            plan.addTolerant(call, Errno.EINVAL);
        }
    }

    /// The clone3 call that precedes the plan, as a line of its printed form.
    public static String describeClone() {
        return "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND})\n";
    }
}
