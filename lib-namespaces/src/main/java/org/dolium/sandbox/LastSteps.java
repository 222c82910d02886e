// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.capability.Capability;
import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.mount.Terminal;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.PlanBuilder;
import org.dolium.process.ProcessAttributes;
import org.dolium.process.Rlimit;
import org.dolium.process.SignalReset;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SupervisedCalls;
import org.jspecify.annotations.Nullable;

/// What a process does to itself once it is where it belongs: limits, ids, privileges, attributes, the filter of system
/// calls. The same for the command of a sandbox and for one that is executed in it later, which so is never looser.
final class LastSteps {
    static final int STATUS = 3;

    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_SET_DUMPABLE = 4;
    private static final long PR_SET_KEEPCAPS = 8;
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SIGKILL = 9;
    private static final int RLIMIT_CORE = 4;
    private static final long TIOCSCTTY = 0x540e;

    private final SandboxSpec spec;
    private final Host host;
    private final PlanBuilder plan;
    private final @Nullable Entrance joins;

    /// @param joins how the process comes into a sandbox that is there, or null if it is the first of a new one
    LastSteps(SandboxSpec spec, Host host, PlanBuilder plan, @Nullable Entrance joins) {
        this.joins = joins;
        this.spec = spec;
        this.host = host;
        this.plan = plan;
    }

    /// The go-ahead is one message; the end of file instead means that the JVM died, and fails the step.
    void awaitGo() {
        plan.addExact(
                Syscall.of(Sys.READ, Arg.num(STATUS), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
    }

    void noCores() {
        plan.add(
                Sys.PRLIMIT64,
                Arg.num(0),
                Arg.flags(RLIMIT_CORE, "RLIMIT_CORE"),
                limit(0, host.coreHardLimit()),
                Arg.NULL);
    }

    private static Arg.Bytes limit(long soft, long hard) {
        byte[] words = new byte[16];
        for (int i = 0; i < 8; i++) {
            words[i] = (byte) (soft >>> 8 * i);
            words[8 + i] = (byte) (hard >>> 8 * i);
        }
        return new Arg.Bytes(words, "{rlim_cur=" + soft + ", rlim_max=" + (hard < 0 ? "RLIM64_INFINITY" : hard) + "}");
    }

    void notDumpable() {
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), Arg.num(0));
    }

    void limits() {
        for (int i = 0; i < spec.rlimits().size(); i++) {
            Rlimit rlimit = spec.rlimits().get(i);
            rlimit.lower(plan);
        }
    }

    void credentials() {
        spec.confinement().lowerBeforeCredentials(plan);
        if (spec.noNewPrivileges()) {
            plan.add(
                    Sys.PRCTL, Arg.flags(PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"), Arg.num(1), Arg.num(0),
                    Arg.num(0), Arg.num(0));
        }
        spec.confinement().lowerRules(plan, joins != null);
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

    boolean setgroupsDenied() {
        boolean joined = spec.namespaces().joins(NamespaceKind.USER) && !host.canMapAnyId();
        boolean single = spec.gidMaps() != null && !host.canMapAnyId() && spec.gidMaps().isSingle();
        return host.groupsDenied() || joined || single || !ownsPrivileges();
    }

    /// Sets the parent-death signal, and then asks for the go-ahead once more: only so it is certain that the thread which
    /// made this process lived after that.
    void dieWithTheJvm() {
        askJvm();
        awaitGo();
    }

    /// The first half of [#dieWithTheJvm]: the answer is awaited later.
    void askJvm() {
        if (joins == null || !joins.lasting()) {
            plan.add(Sys.PRCTL, Arg.flags(PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"), Arg.flags(SIGKILL, "SIGKILL"));
        }
        tell('R');
    }

    /// Gives the master to the JVM, after which this process has no descriptor of it, and makes the slave the three standard
    /// streams.
    void giveTerminal() {
        byte[] text = {'T', 'M'};
        plan.addExact(
                Syscall.of(
                        Sys.SENDMSG, Arg.num(STATUS), Arg.Message.withDescriptor(text, Terminal.MASTER_FD), Arg.num(0)),
                text.length);
        plan.add(Sys.DUP3, Arg.num(1), Arg.num(Terminal.MASTER_FD), Arg.num(0));
    }

    /// Makes the terminal the controlling one of the session that this process has begun.
    void controlTerminal() {
        plan.add(Sys.IOCTL, Arg.num(0), Arg.flags(TIOCSCTTY, "TIOCSCTTY"), Arg.num(0));
    }

    void tell(char what) {
        Arg.Bytes text = new Arg.Bytes(new byte[] {(byte) what}, "\"" + what + "\"");
        plan.addExact(Syscall.of(Sys.WRITE, Arg.num(STATUS), text, Arg.num(1)), 1);
    }

    /// The signal mask is lifted last, so that nothing interrupts the plan; the filter comes after everything, so that only
    /// the exec has to pass it.
    ///
    /// @param init whether this process then becomes an init
    void attributes(boolean init) {
        plan.add(Sys.UMASK, Arg.octal(spec.umask()));
        ProcessAttributes.lowerWorkingDirectory(plan, spec.workingDirectory());
        SignalReset.lowerHandlers(plan);
        if (init) {
            plan.init(spec.seccomp().isUnconfined() ? null : InitFilter.filter(host));
        }
        if (joins != null) {
            awaitGo();
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
        if (joins != null && joins.filter() != null) {
            SeccompProfile.lower(plan, joins.filter());
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
    boolean filtersLate() {
        return spec.noNewPrivileges() || (spec.capabilities().effective() & Capability.SYS_ADMIN.bit()) != 0;
    }
}
