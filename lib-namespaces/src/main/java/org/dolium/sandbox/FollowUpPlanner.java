// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.process.SignalReset;

/// Plans the process that waits for the end of a detached container when there may be no JVM any more, and then executes a command
/// on the host.
///
/// The order, and why: it leaves the session and the directory of the JVM, and has its signals as every program expects them. Until
/// the JVM says that it may stay, it dies with that, by the parent-death signal of its birth and by the end of the channel. From then
/// on it waits in ppoll(2) without using anything but some pages. A container that has a limit is killed by its own pidfd: that
/// needs no memory and nobody who could fail. Whose monitor does not end then is left to the command.
public final class FollowUpPlanner {
    private static final int CHANNEL = 3;
    private static final int MONITOR = 4;
    private static final int CONTAINER = 5;
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final int TIMESPEC = 16;
    private static final int POLLFD = 8;
    private static final Errno[] NOT_EXECUTED = {
        Errno.EPERM, Errno.ENOENT, Errno.EIO, Errno.E2BIG, Errno.ENOEXEC, Errno.EAGAIN, Errno.ENOMEM, Errno.EACCES, Errno.ENOTDIR,
        Errno.EINVAL, Errno.ENFILE, Errno.EMFILE, Errno.ETXTBSY, Errno.ENAMETOOLONG, Errno.ELOOP
    };

    private FollowUpPlanner() {}

    public static LaunchPlan plan(FollowUp followUp) {
        PlanBuilder plan = new PlanBuilder();
        plan.add(Sys.SETSID);
        plan.add(Sys.CHDIR, Arg.str("/"));
        plan.add(Sys.PRCTL, Arg.flags(15, "PR_SET_NAME"), Arg.str("dolium-after"));
        SignalReset.lowerHandlers(plan);
        stay(plan);
        SignalReset.lowerMask(plan); // who shuts the machine down may end it, and nothing that is ignored by default wakes it
        sleep(plan, followUp.delay());
        if (followUp.watches()) {
            watch(plan, followUp);
        }
        sleep(plan, followUp.pause());
        execute(plan, followUp);
        return plan.build(CHANNEL);
    }

    /// Waits until the JVM lets it stay, and says that it does.
    private static void stay(PlanBuilder plan) {
        plan.addExact(Syscall.of(Sys.READ, Arg.num(CHANNEL), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.add(Sys.PRCTL, Arg.flags(1, "PR_SET_PDEATHSIG"), Arg.num(0));
        Arg.Bytes stays = new Arg.Bytes(new byte[] {(byte) Step.Monitor.CONFIRMED}, "\"" + Step.Monitor.CONFIRMED + "\"");
        plan.addExact(Syscall.of(Sys.WRITE, Arg.num(CHANNEL), stays, Arg.num(1)), 1);
        plan.add(Sys.CLOSE, Arg.num(CHANNEL));
    }

    private static void watch(PlanBuilder plan, FollowUp followUp) {
        Duration limit = followUp.limit();
        if (limit == null) {
            awaitMonitor(plan, Arg.NULL);
            return;
        }
        awaitMonitor(plan, timespec(limit));
        plan.addTolerant(
                Syscall.of(Sys.PIDFD_SEND_SIGNAL, Arg.num(CONTAINER), Arg.flags(9, "SIGKILL"), Arg.NULL, Arg.num(0)),
                Errno.ESRCH, Errno.EPERM);
        awaitMonitor(plan, timespec(END_LIMIT));
    }

    private static void awaitMonitor(PlanBuilder plan, Arg timeout) {
        Arg.Buffer polled = new Arg.Buffer(POLLFD, new byte[] {MONITOR, 0, 0, 0, 1}, "[{fd=" + MONITOR + ", events=POLLIN}]");
        plan.add(Sys.PPOLL, polled, Arg.num(1), timeout, Arg.NULL, Arg.num(8));
    }

    private static void sleep(PlanBuilder plan, Duration time) {
        if (!time.isZero()) {
            plan.add(Sys.PPOLL, Arg.NULL, Arg.num(0), timespec(time), Arg.NULL, Arg.num(8));
        }
    }

    /// The kernel writes to it how much was left.
    private static Arg.Buffer timespec(Duration time) {
        byte[] bytes = new byte[TIMESPEC];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (time.getSeconds() >>> 8 * i);
            bytes[8 + i] = (byte) ((long) time.getNano() >>> 8 * i);
        }
        return new Arg.Buffer(TIMESPEC, bytes, "{" + time.getSeconds() + " s, " + time.getNano() + " ns}");
    }

    /// Where that fails there is nobody to tell it to but a file.
    private static void execute(PlanBuilder plan, FollowUp followUp) {
        plan.add(Sys.CLOSE_RANGE, Arg.num(CHANNEL), Arg.flags(0xffffffffL, "~0U"), Arg.num(0));
        byte[] path = followUp.command().getFirst();
        plan.addTolerant(
                Syscall.of(Sys.EXECVE, Arg.str(path), Arg.strings(followUp.command()), Arg.strings(followUp.environment())), NOT_EXECUTED);
        byte[] said = ("dolium: " + Quoting.quote(path) + " can't be executed: what was to follow the end of the container did not\n")
                .getBytes(StandardCharsets.UTF_8);
        plan.add(Sys.WRITE, Arg.num(2), new Arg.Bytes(said, "\"dolium: …\""), Arg.num(said.length));
    }
}
