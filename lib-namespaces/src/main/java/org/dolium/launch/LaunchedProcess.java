// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.process.LaunchException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.jspecify.annotations.Nullable;

/// A child that performs a plan, and then is the user's command.
///
/// It is signalled and waited for by its pidfd only, so a recycled pid is never touched.
public final class LaunchedProcess {
    private static final int P_PIDFD = 3;
    private static final int WEXITED = 4;
    private static final int GONE_SECONDS = 10;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SIGKILL = 9;
    private static final int CLD_EXITED = 1;
    private static final int CLD_DUMPED = 3;
    private static final int NOTED = 0x80000000;
    private static final int FORKED = 0xc0000000;
    private static final int READY = 'C';
    private static final Executor ON_THREADS_OF_THEIR_OWN = new Executor() {
        @Override
        public void execute(Runnable work) {
            Thread.ofVirtual().name("dolium-exit").start(work);
        }
    };
    private static final Memory GO = Memory.copy(Arena.global(), new byte[] {'G'});

    private final LaunchPlan plan;
    private volatile int pid;
    private volatile Fd pidfd;
    /// The processes that are to take its place, one after the other: one for each fork of the plan.
    private final int[] successors;
    private int followed;
    private boolean killed;
    /// Guards which process this is.
    private final Object identity = new Object();
    /// Held by who waits for a process that has ended.
    private final Object reaping = new Object();
    private final Fd status;
    private final @Nullable ListenerOwner listener;
    private final @Nullable TerminalOwner terminal;
    private @Nullable ErrnoException refused;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private int notedStep = -1;
    private int notedErrno;
    private int failedStep = -1;
    private int failedErrno;
    private volatile boolean settled;
    private volatile boolean answered;
    private boolean watched;
    private long statusWatch = -1;
    private boolean endWatched;
    private long endWatch = -1;
    private boolean leadsGroup;
    /// Whose child it is, if it is not the JVM's: who waits for it.
    private @Nullable LaunchedProcess monitor;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final CompletableFuture<Boolean> started = new CompletableFuture<>();

    LaunchedProcess(
            LaunchPlan plan, int pid, Fd pidfd, Fd status, @Nullable ListenerOwner listener,
            @Nullable TerminalOwner terminal) {
        this.listener = listener;
        this.terminal = terminal;
        this.plan = plan;
        this.pid = pid;
        this.pidfd = pidfd;
        this.status = status;
        this.successors = new int[forksBefore(plan, plan.steps().size())];
    }

    private static int forksBefore(LaunchPlan plan, int step) {
        int count = 0;
        for (int i = 0; i < Math.min(step, plan.steps().size()); i++) {
            count += plan.steps().get(i) instanceof Step.Fork ? 1 : 0;
        }
        return count;
    }

    /// Has everything that is still in the child's process group killed at its end: where it has no pid namespace whose end
    /// does that.
    LaunchedProcess leadingGroup() {
        leadsGroup = true;
        return this;
    }

    /// The child of a monitor, which dies with that: it is told to go on only as long as its monitor lives.
    LaunchedProcess watchedBy(LaunchedProcess who) {
        monitor = who;
        return this;
    }

    /// A monitor, whose plan is over when it has made its child.
    LaunchedProcess withoutStatus() {
        settled = true;
        return this;
    }

    public int pid() {
        return pid;
    }

    /// Completes when the child has ended and is reaped, on the poller's thread, where nothing may wait: for users there
    /// is [#onExit].
    public CompletableFuture<Exit> exit() {
        watchEnd();
        return exit;
    }

    /// Completes when the child has ended and is reaped, on a thread of its own: what depends on it may take its time,
    /// and start and await others.
    public <T> CompletableFuture<T> onExit(Function<? super Exit, T> result) {
        return exit().thenApplyAsync(result, ON_THREADS_OF_THEIR_OWN);
    }

    /// Whether the child has ended and is reaped.
    public boolean ended() {
        return exit.isDone();
    }

    /// Whether it runs its command, or never will.
    public boolean settled() {
        return settled;
    }

    /// Another descriptor of the process, for a program that enters its namespaces.
    ///
    /// @throws IllegalStateException if it has ended and is reaped
    public Fd copyPidfd() throws ErrnoException {
        synchronized (identity) {
            return pidfd.copyAbove(0);
        }
    }

    /// Lets the child go on: its thread of birth is alive after the parent-death signal was set, and its ids are mapped.
    void go() throws ErrnoException {
        sendGo();
    }

    /// Whether the child asks for another go-ahead, and somebody must read its questions.
    boolean asks() {
        return plan.asksAgain() || bringsDescriptors();
    }

    private boolean bringsDescriptors() {
        return listener != null || terminal != null;
    }

    /// Whether the child has nothing more to ask: what it still tells is of its end, and is read then.
    boolean hasAsked() {
        return answered && !bringsDescriptors();
    }

    /// The descriptor that tells of its end, or of that of the process before it.
    Fd pidfd() {
        return pidfd;
    }

    /// The number of `fd`, which was [#pidfd] a moment ago, or -1 if it is no longer open.
    int numberOf(Fd fd) {
        synchronized (identity) {
            return fd.isOpen() ? fd.number() : -1;
        }
    }

    Fd status() {
        return status;
    }

    private void sendGo() {
        if (monitor != null && monitor.isOver()) {
            signal(SIGKILL); // it may have bound itself too late
            return;
        }
        Kernel.call(Sys.SENDTO, status.number(), GO.address(), 1, MSG_NOSIGNAL);
    }

    /// Whether the child has ended, whoever waits for it.
    boolean isOver() {
        synchronized (identity) {
            if (!pidfd.isOpen()) {
                return true;
            }
            try (Arena arena = Arena.ofConfined()) {
                Memory polled = Memory.allocate(arena, 24);
                polled.putInt(0, pidfd.number());
                polled.putShort(4, (short) Poller.IN);
                return Kernel.call(Sys.PPOLL, polled.address(), 1, polled.address() + 8, 0, 8, 0) > 0;
            }
        }
    }

    /// Forgets a child that goes on and is another's to wait for.
    void forget() {
        synchronized (identity) {
            if (!endWatched || Poller.shared().cancel(endWatch)) {
                pidfd.close();
            }
        }
    }

    /// Has the poller read what the child reports, until the child closes its end.
    void watchStatus() {
        synchronized (status) {
            if (!watched && status.isOpen()) {
                watched = true;
                watchOnce();
            }
        }
    }

    private void watchOnce() {
        synchronized (status) {
            watchStatusOnce();
        }
    }

    private void watchStatusOnce() {
        try {
            statusWatch = Poller.shared().watch(status, Poller.IN | Poller.HANGUP, new Poller.Handler() {
                @Override
                public void ready(int events) {
                    if (!drain()) {
                        watchOnce();
                    }
                }
            });
        } catch (ErrnoException | IllegalStateException e) {
            ready.completeExceptionally(e);
            started.completeExceptionally(e); // closed a moment ago: the child is gone
        }
    }

    /// Waits until the child runs its command.
    ///
    /// @param timeout how long to wait
    /// @throws LaunchException if a step failed; the child is gone then
    public void awaitStarted(Duration timeout) throws IOException, InterruptedException {
        await(started, timeout);
    }

    /// Waits until everything is done but the command, in a child whose plan waits then for [#proceed].
    ///
    /// @throws LaunchException if a step failed; the child is gone then
    public void awaitReady(Duration timeout) throws IOException, InterruptedException {
        await(ready, timeout);
    }

    /// Lets a child that is ready run its command.
    public void proceed() {
        synchronized (status) {
            if (status.isOpen()) { // else it has ended
                sendGo();
            }
        }
    }

    private void await(CompletableFuture<Boolean> stage, Duration timeout) throws IOException, InterruptedException {
        watchStatus();
        watchEnd();
        try {
            stage.get(java.util.concurrent.TimeUnit.NANOSECONDS.convert(timeout), java.util.concurrent.TimeUnit.NANOSECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            abandon();
            String end = exit.isDone() ? "; it was killed" : " and does not even die: it is frozen, or hangs in the kernel";
            throw new IOException("container did not start within " + timeout + end, e);
        } catch (java.util.concurrent.ExecutionException e) {
            awaitGone();
        }
        checkStarted();
    }

    /// Throws if the launch is known to have failed.
    public void checkStarted() throws LaunchException {
        LaunchException failure = failure();
        if (failure != null) {
            awaitGone(); // not while holding the lock, which the reaping poller takes
            throw failure;
        }
    }

    private synchronized @Nullable LaunchException failure() {
        ErrnoException why = refused;
        if (why != null) {
            return new LaunchException(-1, 0, why.call(), why.errno(), ReadHostFiles.hint(why.call(), why.errno()));
        }
        boolean notFound = failedStep < 0 && notedStep >= 0 && isLastCandidate(notedStep);
        if (failedStep < 0 && !notFound) {
            return endedTooEarly();
        }
        int step = failedStep >= 0 ? failedStep : notedStep;
        Errno errno = new Errno(failedStep >= 0 ? failedErrno : notedErrno);
        String call = plan.steps().get(step).toString();
        if (plan.steps().get(step) instanceof Step.Call failed) {
            call = failed.call().toString();
        }
        return new LaunchException(step, plan.steps().size(), call, errno, ReadHostFiles.hint(call, errno));
    }

    /// A process that ended without having told of the one after it: what it was to become never ran.
    private @Nullable LaunchException endedTooEarly() {
        synchronized (identity) {
            if (killed || !exit.isDone() || followed == successors.length) {
                return null;
            }
            int step = 0;
            while (!(plan.steps().get(step) instanceof Step.Fork) || forksBefore(plan, step) < followed) {
                step++;
            }
            return new LaunchException(step, plan.steps().size(), plan.steps().get(step).toString(), Errno.ECHILD,
                    "the process ended before it told of the one that was to run the command");
        }
    }

    private boolean isLastCandidate(int step) {
        for (int i = step + 1; i < plan.steps().size(); i++) {
            if (plan.steps().get(i) instanceof Step.Call call && call.call().sys() == Sys.EXECVE) {
                return false;
            }
        }
        return true;
    }

    /// Waits for the end of a child that ends by itself; kills one that does not.
    void awaitEnd() throws LaunchException {
        awaitGone();
        checkStarted();
    }

    /// Who is frozen does not die either; the poller reaps it when it goes on.
    void awaitGone() {
        boolean interrupted = false;
        watchEnd();
        for (int i = 0; i < GONE_SECONDS && !exit.isDone(); i++) {
            try {
                exit.get(1, java.util.concurrent.TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (java.util.concurrent.TimeoutException e) {
                signal(SIGKILL);
            } catch (java.util.concurrent.ExecutionException e) {
                throw new AssertionError("an exit is never exceptional", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Reads what the child reported so far.
    ///
    /// @return whether the child closed its end: it runs its command, or failed, or died
    synchronized boolean drain() {
        if (settled) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            Memory message = Memory.allocate(arena, 16);
            boolean ended = false;
            while (true) {
                long n = bringsDescriptors()
                        ? receive(message)
                        : Kernel.call(Sys.RECVFROM, status.number(), message.address(), 16, MSG_DONTWAIT);
                if (n == 8) {
                    record(message.getInt(0), message.getInt(4));
                } else if (n == 1 && (message.getInt(0) & 0xff) == READY) {
                    ready.complete(true);
                } else if (n == 1 || n == ListenerMessage.LENGTH && listener != null && !ListenerMessage.isTerminal(message)) {
                    sendGo();
                    answered = n == 1;
                } else if (n == ListenerMessage.LENGTH && terminal != null) {
                    continue;
                } else if (n == -Errno.EAGAIN.value()) {
                    return false;
                } else if (n == 0 && !ended) {
                    ended = true; // the kernel looks at the queue first, and may meet an end that came with a last message after that
                } else if (n != -Errno.EINTR.value() && n != -Errno.ECONNRESET.value()) {
                    settle();
                    return true;
                }
                // ECONNRESET: the child ended without having read its go-ahead; what it wrote before comes next
            }
        }
    }

    /// A child whose calls nobody would answer, or whose terminal nobody would read, does not start.
    private long receive(Memory message) {
        try {
            return ListenerMessage.receive(status, message, listener, terminal);
        } catch (ErrnoException e) {
            refused = e;
            signal(SIGKILL);
            return -e.errno().value();
        }
    }

    /// Reads what the child reported before it died. Its end may still seem open: a process that was being made at that
    /// time has a copy of it until its own exec.
    private synchronized void drainLast() {
        if (!drain()) {
            settle();
        }
    }

    private void settle() {
        settled = true;
        closeStatus();
        ready.complete(true);
        tellStarted();
    }

    /// Forgets the watch first: one that stays would be taken for that of the next descriptor with this number.
    private void closeStatus() {
        synchronized (status) {
            if (statusWatch >= 0) {
                Poller.shared().cancel(statusWatch);
            }
            status.close();
        }
    }

    private void record(int step, int errno) {
        if ((step & FORKED) == FORKED) {
            synchronized (identity) {
                int fork = forksBefore(plan, step & ~FORKED); // a child may be quicker to tell of its own than its parent
                if (fork < successors.length && successors[fork] == 0) {
                    successors[fork] = -errno;
                }
            }
        } else if ((step & NOTED) == 0) {
            failedStep = step;
            failedErrno = errno;
        } else if (notedErrno != Errno.EACCES.value() || errno == Errno.EACCES.value()) {
            notedErrno = errno;
            notedStep = step & ~NOTED;
        } else {
            notedStep = step & ~NOTED;
        }
    }

    /// Sends a signal; does nothing once the child is gone.
    ///
    /// @return whether the child was there to get it
    public boolean signal(int signal) {
        synchronized (identity) {
            killed |= signal == SIGKILL;
            return pidfd.isOpen() && Kernel.call(Sys.PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0) == 0;
        }
    }

    /// Kills the child before it ran its command, and waits for its end.
    void abandon() {
        signal(SIGKILL);
        awaitGone();
        synchronized (this) {
            settle();
        }
    }

    /// Reaps the child, which has ended. Both the poller and who waits for it may see that: the second comes too late.
    ///
    /// @param seen the descriptor that told of the end
    void reap(Fd seen) {
        drain();
        Exit how;
        synchronized (reaping) {
            if (seen != pidfd || !seen.isOpen()) {
                return;
            }
            if (leadsGroup) { // it has ended and is not waited for yet: its number is still its own, and its group's
                Kernel.call(Sys.KILL, -pid, SIGKILL, 0, 0);
            }
            how = monitor == null ? awaitExit() : new Exit(0, false, false, 0); // the monitor knows
            drain(); // it may have been waited for before it ended: now it has told of its successor
            if (goOnAsSuccessor()) {
                return;
            }
            synchronized (identity) {
                closePidfd();
            }
        }
        drainLast();
        exit.complete(how);
        tellStarted();
    }

    private Exit awaitExit() {
        try (Arena arena = Arena.ofConfined()) {
            Memory info = Memory.allocate(arena, 128);
            Memory usage = Memory.allocate(arena, 144);
            long result =
                    Kernel.call(Sys.WAITID, P_PIDFD, pidfd.number(), info.address(), WEXITED, usage.address(), 0);
            return Kernel.failed(result) ? lost(result) : exit(info, usage);
        }
    }

    /// Forgets the watch first, as [#closeStatus] does.
    private void closePidfd() {
        if (endWatch >= 0) {
            Poller.shared().cancel(endWatch);
        }
        pidfd.close();
    }

    /// The child that was made ended after it had put another one in its place: from now on this is that one. It is our
    /// child and not waited for yet, so its pid is its own.
    private boolean goOnAsSuccessor() {
        synchronized (identity) {
            if (followed == successors.length || successors[followed] == 0) {
                return false;
            }
            closePidfd();
            pid = successors[followed++];
            try {
                pidfd = new Fd((int) Kernel.check(Kernel.call(Sys.PIDFD_OPEN, pid, 0, 0), "pidfd_open(" + pid + ")"));
            } catch (ErrnoException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            if (endWatched) {
                watchPidfd();
            }
            if (killed) {
                signal(SIGKILL);
            }
        }
        tellStarted();
        return true;
    }

    /// The command is the last process of a plan that forks: there must be no doubt which one it is.
    private void tellStarted() {
        boolean last;
        synchronized (identity) {
            last = followed == successors.length;
        }
        if (settled && (last || exit.isDone())) {
            started.complete(true);
        }
    }

    /// Whether the poller waits for the end, and nobody else may.
    public boolean endIsWatched() {
        synchronized (identity) {
            return endWatched;
        }
    }

    /// Has the poller wait for the end, and answer what the child asks until then.
    public void watchEnd() {
        synchronized (identity) {
            if (endWatched || !pidfd.isOpen()) {
                return;
            }
            endWatched = true;
            watchPidfd();
        }
        if (asks()) {
            watchStatus();
        }
    }

    private void watchPidfd() {
        try {
            Fd watching = pidfd;
            endWatch = Poller.shared().watch(watching, Poller.IN, new Poller.Handler() {
                @Override
                public void ready(int events) {
                    reap(watching);
                }
            });
        } catch (ErrnoException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /// Somebody else in this process reaped our child, with a wait for any pid.
    private static Exit lost(long result) {
        System.getLogger("org.dolium")
                .log(System.Logger.Level.ERROR, "waitid failed with " + Kernel.errno(result) + ": exit status lost");
        return new Exit(SIGKILL, true, false, 0);
    }

    private static Exit exit(Memory info, Memory usage) {
        int code = info.getInt(8);
        long micros = usage.getLong(0) * 1_000_000
                + usage.getLong(8)
                + usage.getLong(16) * 1_000_000
                + usage.getLong(24);
        return new Exit(
                info.getInt(24),
                code != CLD_EXITED,
                code == CLD_DUMPED,
                micros * 1000);
    }

}
