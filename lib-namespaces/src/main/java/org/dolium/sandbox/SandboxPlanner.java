// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.capability.Capability;
import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
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
import org.dolium.process.Rlimit;
import org.dolium.process.SignalReset;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SupervisedCalls;
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
    private static final int STATUS = 3;
    private static final int FIRST_PASSED_FD = 4;
    private static final int F_SETFD = 2;
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_SET_DUMPABLE = 4;
    private static final long PR_SET_KEEPCAPS = 8;
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SIGKILL = 9;
    private static final int RLIMIT_CORE = 4;

    private final SandboxSpec spec;
    private final Host host;
    private final PlanBuilder plan = new PlanBuilder();

    private SandboxPlanner(SandboxSpec spec, Host host) {
        this.spec = spec;
        this.host = host;
    }

    public static LaunchPlan plan(SandboxSpec spec, Host host) {
        return new SandboxPlanner(spec, host).build();
    }

    private LaunchPlan build() {
        plan.add(Sys.FCNTL, Arg.num(STATUS), Arg.flags(F_SETFD, "F_SETFD"), Arg.flags(1, "FD_CLOEXEC"));
        enterUserNamespace();
        enterCgroup();
        inherited();
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), Arg.num(0));
        spec.namespaces().lowerJoins(plan, FIRST_PASSED_FD);
        if (spec.namespaces().pidsNeedFork()) {
            plan.fork();
        }
        names(); // of the container's own namespaces, which a joined user namespace only just got
        if (spec.root() != null) {
            fileSystem(spec.root());
        } else {
            spec.confinement().lowerBeforeRoot(plan);
        }
        plan.add(Sys.CLOSE_RANGE, Arg.num(STATUS + 1), Arg.flags(0xffffffffL, "~0U"), Arg.num(0));
        limits();
        credentials();
        release();
        CommandSearch.lower(plan, spec.command(), spec.environment());
        return plan.build(STATUS, mustAskAgain());
    }

    /// The go-ahead is one message; the end of file instead means that the JVM died, and fails the step.
    private void awaitGo() {
        plan.addExact(
                Syscall.of(Sys.READ, Arg.num(STATUS), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
    }

    private void enterUserNamespace() {
        plan.add(Sys.UMASK, Arg.num(0));
        if (spec.uidMaps() == null || spec.gidMaps() == null) {
            return;
        }
        awaitGo();
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
            awaitGo();
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
        plan.add(
                Sys.PRLIMIT64,
                Arg.num(0),
                Arg.flags(RLIMIT_CORE, "RLIMIT_CORE"),
                limit(0, host.coreHardLimit()),
                Arg.NULL);
        ProcessAttributes.lowerInherited(plan);
        if (spec.oomScoreAdj() != null) {
            ProcessAttributes.lowerOomScoreAdj(plan, spec.oomScoreAdj());
        }
        if (spec.timeOffsets() != null) {
            spec.timeOffsets().lower(plan);
        }
        plan.add(Sys.SETSID);
    }

    private static Arg.Bytes limit(long soft, long hard) {
        byte[] words = new byte[16];
        for (int i = 0; i < 8; i++) {
            words[i] = (byte) (soft >>> 8 * i);
            words[8 + i] = (byte) (hard >>> 8 * i);
        }
        return new Arg.Bytes(words, "{rlim_cur=" + soft + ", rlim_max=" + (hard < 0 ? "RLIM64_INFINITY" : hard) + "}");
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

    private void limits() {
        for (int i = 0; i < spec.rlimits().size(); i++) {
            Rlimit rlimit = spec.rlimits().get(i);
            rlimit.lower(plan);
        }
    }

    private void credentials() {
        spec.confinement().lowerBeforeCredentials(plan);
        if (spec.noNewPrivileges()) {
            plan.add(
                    Sys.PRCTL, Arg.flags(PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"), Arg.num(1), Arg.num(0),
                    Arg.num(0), Arg.num(0));
        }
        spec.confinement().lowerRules(plan);
        if (!filtersLate()) {
            filter();
        }
        if (ownsPrivileges()) {
            spec.capabilities().lowerBounding(plan, host.lastCapability());
        }
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS"), Arg.num(1));
        spec.credentials().lower(plan, setgroupsDenied());
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS"), Arg.num(0));
        spec.capabilities().lowerFinal(plan);
        spec.credentials().lowerVerify(plan);
        spec.capabilities().lowerVerify(plan);
    }

    /// Without, the groups and the bounding set stay as they are, and `no_new_privs` keeps the latter from counting.
    private boolean ownsPrivileges() {
        return host.privileged() || spec.uidMaps() != null || spec.namespaces().joins(NamespaceKind.USER);
    }

    private boolean setgroupsDenied() {
        boolean joined = spec.namespaces().joins(NamespaceKind.USER) && !host.canMapAnyId();
        boolean single = spec.gidMaps() != null && !host.canMapAnyId() && spec.gidMaps().isSingle();
        return host.groupsDenied() || joined || single || !ownsPrivileges();
    }

    /// Before the command runs, it must be certain that the thread which made this process lived after the last time
    /// that the parent-death signal was set: otherwise the signal would never come.
    private void release() {
        boolean changed = mustAskAgain();
        if (spec.uidMaps() == null && (spec.cgroup() == null || !spec.cgroup().waits())) {
            awaitGo();
        }
        if (changed) {
            plan.add(Sys.PRCTL, Arg.flags(PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"), Arg.flags(SIGKILL, "SIGKILL"));
            plan.addExact(
                    Syscall.of(Sys.WRITE, Arg.num(STATUS), new Arg.Bytes(new byte[] {'R'}, "\"R\""), Arg.num(1)), 1);
            awaitGo();
        }
        plan.add(Sys.UMASK, Arg.octal(spec.umask()));
        ProcessAttributes.lowerWorkingDirectory(plan, spec.workingDirectory());
        SignalReset.lowerHandlers(plan);
        if (spec.init()) {
            plan.init(spec.seccomp().isUnconfined() ? null : InitFilter.filter(host));
        }
        SignalReset.lowerMask(plan);
        if (filtersLate()) {
            filter();
        }
    }

    private void filter() {
        SupervisedCalls supervised = spec.supervised();
        if (supervised != null) {
            supervised.lower(plan, host.kernelAtLeast(5, 19));
            handOver();
            return;
        }
        spec.seccomp().lower(
                plan,
                new SeccompTarget(
                        host.arch(), spec.capabilities().bounding(), host.kernelMajor(), host.kernelMinor()));
    }

    /// Gives the listener to the JVM, and waits until that answers calls. What remains of it is closed by the exec, as the
    /// kernel makes listeners.
    private void handOver() {
        byte[] text = {'L', 'N'};
        plan.addExact(
                Syscall.of(
                        Sys.SENDMSG, Arg.num(STATUS), Arg.Message.withDescriptor(text, SupervisedCalls.LISTENER), Arg.num(0)),
                text.length);
        awaitGo();
    }

    /// A process that could gain privileges may only filter itself as long as it has CAP_SYS_ADMIN; see seccomp(2).
    private boolean filtersLate() {
        return spec.noNewPrivileges() || (spec.capabilities().effective() & Capability.SYS_ADMIN.bit()) != 0;
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
