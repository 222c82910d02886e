// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.mount.Dev;
import org.dolium.mount.Mount;
import org.dolium.mount.MountContext;
import org.dolium.mount.Pivot;
import org.dolium.mount.Root;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.Loopback;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.process.CommandSearch;
import org.dolium.process.ProcessAttributes;
import org.jspecify.annotations.Nullable;

/// Puts the steps of every concern in the order that makes them safe. A function of the spec and the host: equal inputs
/// give equal plans.
///
/// The order, and why: the status socket is made close-on-exec first, so that no failure can leave it open; ids are
/// mapped before anything needs them; what is written through the host's /proc is written while the process may still
/// be read, and then it becomes non-dumpable; mounts and `pivot_root` need capabilities, so they come before
/// credentials; the parent-death signal is set again after credentials, which clear it; the signal mask is lifted
/// last, so that nothing interrupts the plan; the filter of system calls comes after everything, so that only the exec
/// has to pass it.
public final class SandboxPlanner {
    private static final int STATUS = LastSteps.STATUS;
    private static final int FIRST_PASSED_FD = 4;
    private static final int F_SETFD = 2;

    private final SandboxSpec spec;
    private final Host host;
    private final PlanBuilder plan = new PlanBuilder();
    private final LastSteps last;

    private final boolean waits;

    private SandboxPlanner(SandboxSpec spec, Host host, boolean waits) {
        this.waits = waits;
        this.spec = spec;
        this.host = host;
        this.last = new LastSteps(spec, host, plan, null);
    }

    public static LaunchPlan plan(SandboxSpec spec, Host host) {
        return new SandboxPlanner(spec, host, false).build();
    }

    /// A plan that says when everything is done but what the command itself needs, and then waits for one more go-ahead.
    public static LaunchPlan planWaiting(SandboxSpec spec, Host host) {
        return new SandboxPlanner(spec, host, true).build();
    }

    private LaunchPlan build() {
        plan.add(Sys.FCNTL, Arg.num(STATUS), Arg.flags(F_SETFD, "F_SETFD"), Arg.flags(1, "FD_CLOEXEC"));
        enterUserNamespace();
        enterCgroup();
        inherited();
        last.notDumpable();
        spec.namespaces().lowerJoins(plan, FIRST_PASSED_FD);
        if (spec.namespaces().pidsNeedFork()) {
            plan.fork();
        }
        names(); // of the container's own namespaces, which a joined user namespace only just got
        if (spec.root() != null) {
            fileSystem(spec.root());
            if (hasTerminal()) {
                takeTerminal();
            }
        } else {
            spec.confinement().lowerBeforeRoot(plan);
        }
        plan.add(Sys.CLOSE_RANGE, Arg.num(STATUS + 1), Arg.flags(0xffffffffL, "~0U"), Arg.num(0));
        last.limits();
        last.credentials();
        release();
        CommandSearch.lower(plan, spec.command(), spec.environment());
        return plan.build(STATUS, waits || mustAskAgain());
    }

    private void enterUserNamespace() {
        plan.add(Sys.UMASK, Arg.num(0));
        if (spec.uidMaps() == null || spec.gidMaps() == null) {
            return;
        }
        last.awaitGo();
        long gid = spec.gidMaps().firstInside();
        long uid = spec.uidMaps().firstInside();
        plan.add(Sys.SETRESGID, Arg.num(gid), Arg.num(gid), Arg.num(gid));
        plan.add(Sys.SETRESUID, Arg.num(uid), Arg.num(uid), Arg.num(uid));
    }

    private void enterCgroup() {
        CgroupEntry entry = spec.cgroup();
        if (entry == null) {
            return;
        }
        if (entry.waits() && spec.uidMaps() == null) {
            last.awaitGo();
        }
        entry.lower(plan);
        if (makesCgroupNamespaceLate(spec)) {
            plan.add(Sys.UNSHARE, Arg.flags(NamespaceKind.CGROUP.cloneFlag(), NamespaceKind.CGROUP.flagName()));
        }
    }

    /// The root of a new cgroup namespace is where its maker is at that time.
    private static boolean makesCgroupNamespaceLate(SandboxSpec spec) {
        return spec.cgroup() != null
                && spec.namespaces().isNew(NamespaceKind.CGROUP)
                && !spec.namespaces().joins(NamespaceKind.USER);
    }

    private void inherited() {
        last.noCores();
        ProcessAttributes.lowerInherited(plan);
        if (spec.oomScoreAdj() != null) {
            ProcessAttributes.lowerOomScoreAdj(plan, spec.oomScoreAdj());
        }
        if (spec.timeOffsets() != null) {
            spec.timeOffsets().lower(plan);
        }
        plan.add(Sys.SETSID);
    }

    private void names() {
        if (spec.hostname() != null) {
            ProcessAttributes.lowerHostname(plan, spec.hostname());
        }
        if (spec.domainname() != null) {
            ProcessAttributes.lowerDomainname(plan, spec.domainname());
        }
        if (spec.loopback()) {
            Loopback.lower(plan);
        }
    }

    private void fileSystem(Root wanted) {
        Pivot.lowerDetach(plan, receivesHostMounts() ? Propagation.SLAVE : Propagation.PRIVATE);
        spec.confinement().lowerBeforeRoot(plan);
        Arg.Result root = wanted.lower(plan, spec.rootPropagation());
        Pivot.lowerAttach(plan, root);
        MountContext context = new MountContext(plan, root, host.arch());
        for (int i = 0; i < spec.mounts().size(); i++) {
            Mount mount = spec.mounts().get(i);
            mount.lower(context);
        }
        spec.masks().lower(context);
        Pivot.lowerEnter(plan, root);
        Pivot.lowerPropagation(plan, spec.rootPropagation());
    }

    private boolean receivesHostMounts() {
        boolean receives = spec.rootPropagation() == Propagation.SLAVE;
        for (int i = 0; i < spec.mounts().size(); i++) {
            receives |= spec.mounts().get(i) instanceof Mount.Bind bind
                    && bind.options().propagation() == Propagation.SLAVE;
        }
        return receives;
    }

    private boolean hasTerminal() {
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (spec.mounts().get(i) instanceof Dev dev && dev.terminal() != null) {
                return true;
            }
        }
        return false;
    }

    /// Gives the master to the JVM, after which this process has no descriptor of it, and makes the slave the three standard
    /// streams and the controlling terminal of its session.
    private void takeTerminal() {
        if (spec.namespaces().pidsNeedFork()) {
            plan.add(Sys.SETSID); // the session is that of the process before the fork
        }
        last.giveTerminal();
        last.controlTerminal();
    }

    /// Before the command runs, it must be certain that the thread which made this process lived after the last time
    /// that the parent-death signal was set: otherwise the signal would never come.
    private void release() {
        boolean changed = mustAskAgain();
        if (spec.uidMaps() == null && (spec.cgroup() == null || !spec.cgroup().waits())) {
            last.awaitGo();
        }
        if (changed) {
            last.dieWithTheJvm();
        }
        if (waits) { // before the working directory is entered: it may be brought meanwhile
            last.tell('C');
            last.awaitGo();
        }
        last.attributes(spec.init());
    }

    /// Whether the parent-death signal is lost on the way: the ids change as the kernel sees them, if only for a while, or
    /// the process does.
    private boolean mustAskAgain() {
        if (spec.namespaces().pidsNeedFork() || spec.namespaces().joins(NamespaceKind.USER)) {
            return true; // a new process has no parent-death signal yet; a joined namespace's ids are unknown
        }
        return changes(spec.uidMaps(), spec.credentials().uid(), host.uid())
                || changes(spec.gidMaps(), spec.credentials().gid(), host.gid());
    }

    private static boolean changes(@Nullable IdMaps maps, long id, long own) {
        return maps == null ? id != own : maps.outside(id) != own || maps.outside(maps.firstInside()) != own;
    }

    /// Which of the namespaces are made by clone3.
    public static long cloneFlags(SandboxSpec spec) {
        long flags = spec.namespaces().cloneFlags();
        return makesCgroupNamespaceLate(spec) ? flags & ~NamespaceKind.CGROUP.cloneFlag() : flags;
    }

    /// The clone3 call that precedes the plan, as a line of its printed form.
    public static String describeClone(SandboxSpec spec) {
        return describeClone(spec, false);
    }

    /// @param intoCgroup whether the child is born into a cgroup of its own
    public static String describeClone(SandboxSpec spec, boolean intoCgroup) {
        StringBuilder out = new StringBuilder("clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND");
        if (intoCgroup) {
            out.append("|CLONE_INTO_CGROUP");
        }
        if (cloneFlags(spec) != 0) {
            out.append('|').append(Namespaces.flagsText(cloneFlags(spec)));
        }
        out.append("})\n");
        if (spec.uidMaps() != null) {
            out.append("parent: uid_map ").append(spec.uidMaps()).append(", gid_map ").append(spec.gidMaps());
            out.append('\n');
        }
        return out.toString();
    }
}
