// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.dolium.launch.DirectWait;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;
import org.dolium.launch.PipeInput;
import org.dolium.launch.Poller;
import org.jspecify.annotations.Nullable;

/// Waits for the end of a command on the caller's thread, and reads both output streams meanwhile.
final class Collector {
    private static final long STRAGGLER_MILLIS = 500;
    private static final long KILL_NANOS = 30_000_000_000L;

    /// How the command is ended, and what is to be known at its end.
    interface End {
        void kill();

        Ending of(Exit exit);
    }

    private final LaunchedProcess launched;
    private final End end;
    private long startLimit = Long.MAX_VALUE;
    private final Stdio stdio;
    private final Captured out;
    private final Captured err;
    private volatile Poller.@Nullable Signal waiting;
    private boolean told;

    Collector(LaunchedProcess launched, Stdio stdio, int limit, End end) {
        this.launched = launched;
        this.end = end;
        this.stdio = stdio;
        this.out = stdio.captureOutput(limit);
        this.err = stdio.captureError(limit);
    }

    /// For a command that others can keep from beginning: it is killed if it does not run by then.
    Collector startingWithin(Duration time) {
        startLimit = TimeUnit.NANOSECONDS.convert(time);
        return this;
    }

    /// @param timeout after which the command is killed, or null for none
    Result collect(@Nullable Duration timeout) throws IOException, InterruptedException {
        long limit = timeout == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(timeout);
        long start = System.nanoTime();
        boolean killed = false;
        boolean late = false;
        if (!Thread.currentThread().isVirtual() && !launched.endIsWatched()) {
            awaitHere(limit);
        }
        while (!launched.ended()) {
            boolean progress = out.drain() | err.drain();
            long soonest = killed || late ? KILL_NANOS : launched.settled() ? limit : Math.min(limit, startLimit);
            long left = soonest == Long.MAX_VALUE ? soonest : soonest - (System.nanoTime() - start);
            if (left <= 0 && (killed || late)) {
                throw new IOException("the command does not even die: it is frozen, or hangs in the kernel");
            } else if (left <= 0) {
                late = limit > startLimit && !launched.settled();
                killed = !late;
                start = System.nanoTime();
                end.kill();
            } else if (!progress) {
                waitForNews(left);
            } else if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        launched.checkStarted();
        if (late) {
            throw new IOException("the command did not start within " + Duration.ofNanos(startLimit) + "; it was killed");
        }
        drainStragglers();
        stdio.awaitPumps();
        Ending ending = end.of(launched.exit().join());
        ExitStatus status = killed && timeout != null ? new ExitStatus.TimedOut(timeout) : ending.status();
        return new Result(status, out, err, ending);
    }

    /// Until nothing has happened for a while.
    private void awaitHere(long limit) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long last = start;
        try (DirectWait wait = new DirectWait(launched, out.source(), err.source())) {
            long left = Math.min(DirectWait.LIMIT_NANOS, limit);
            while (!launched.ended() && left > 0 && wait.step(left)) {
                take(out, wait.outReadable(), wait.outEnded());
                take(err, wait.errReadable(), wait.errEnded());
                long now = System.nanoTime();
                last = wait.outReadable() || wait.errReadable() ? now : last;
                left = Math.min(last + DirectWait.LIMIT_NANOS - now, limit - (now - start));
            }
        }
    }

    /// That the pipe has ended does not mean that all of it was taken: the stream may have read ahead. What is left is taken by
    /// whoever drains next.
    private static void take(Captured stream, boolean readable, boolean ended) throws IOException {
        if (readable || ended) {
            stream.drain();
        }
    }

    /// The command has ended. A pipe may still be open for a moment, where another process that was being made has a copy
    /// of it, or for longer, where a process outlived the command: only possible in a shared pid namespace.
    private void drainStragglers() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STRAGGLER_MILLIS);
        drainToEnd(out, end);
        drainToEnd(err, end);
    }

    private static void drainToEnd(Captured stream, long end) throws IOException, InterruptedException {
        PipeInput source = stream.source();
        while (source != null && !stream.ended()) {
            long left = end - System.nanoTime();
            boolean more = stream.drain();
            if (!stream.ended() && (left <= 0 || !more && !Poller.shared().await(source.fd(), Poller.IN, Duration.ofNanos(left)))) {
                stream.cut();
            }
        }
    }

    private void waitForNews(long nanos) throws IOException, InterruptedException {
        if (out.ended() && err.ended()) {
            awaitExit(nanos);
            return;
        }
        Poller.Signal signal = new Poller.Signal();
        long first = watch(out, signal);
        long second = watch(err, signal);
        waiting = signal;
        if (!told) {
            told = true;
            tellOfExit();
        } else if (launched.ended()) {
            signal.ready(0);
        }
        try {
            signal.await(nanos == Long.MAX_VALUE ? null : Duration.ofNanos(nanos));
        } finally {
            Poller.shared().cancel(first);
            Poller.shared().cancel(second);
        }
    }

    /// Once: what is registered with a future stays there until it completes.
    private void tellOfExit() {
        launched.exit().whenComplete(new BiConsumer<Exit, Throwable>() {
            @Override
            public void accept(Exit exit, Throwable failure) {
                Poller.Signal signal = waiting;
                if (signal != null) {
                    signal.ready(0);
                }
            }
        });
    }

    private static long watch(Captured stream, Poller.Signal signal) throws IOException {
        PipeInput source = stream.source();
        if (stream.ended() || source == null) {
            return -1;
        }
        return Poller.shared().watch(source.fd(), Poller.IN, new Poller.Handler() {
            @Override
            public void ready(int events) {
                if ((events & Poller.IN) == 0) {
                    stream.end(); // nobody needs to be woken for that: the exit comes next
                } else {
                    signal.ready(events);
                }
            }
        });
    }

    private void awaitExit(long nanos) throws InterruptedException {
        try {
            launched.exit().get(nanos, TimeUnit.NANOSECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            // the caller looks at the clock
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError("an exit is never exceptional", e);
        }
    }
}
