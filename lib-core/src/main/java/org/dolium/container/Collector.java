// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;
import org.dolium.launch.PipeInput;
import org.dolium.launch.Poller;
import org.jspecify.annotations.Nullable;

/// Waits for the end of a command on the caller's thread, and reads both output streams meanwhile.
final class Collector {
    private static final long STRAGGLER_MILLIS = 500;
    private static final byte[] NO_CHUNK = new byte[0];

    private final LaunchedProcess launched;
    private final Captured out;
    private final Captured err;
    private final byte[] chunk;

    Collector(LaunchedProcess launched, Stdio stdio, int limit) {
        this.launched = launched;
        this.out = new Captured(stdio.outputPipe(), limit);
        this.err = new Captured(stdio.errorPipe(), limit);
        this.chunk = out.ended() && err.ended() ? NO_CHUNK : new byte[65536];
    }

    /// @param timeout after which the command is killed, or null for none
    Result collect(@Nullable Duration timeout) throws IOException, InterruptedException {
        long deadline = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
        boolean killed = false;
        while (!launched.exit().isDone()) {
            boolean progress = out.drain(chunk) | err.drain(chunk);
            long left = deadline - System.nanoTime();
            if (left <= 0 && !killed) {
                killed = true;
                deadline = Long.MAX_VALUE;
                launched.signal(Signal.KILL.number());
            } else if (!progress) {
                waitForNews(timeout == null || killed ? Long.MAX_VALUE : left);
            }
        }
        launched.checkStarted();
        drainStragglers();
        Exit exit = launched.exit().join();
        ExitStatus status =
                killed && timeout != null ? new ExitStatus.TimedOut(timeout) : Container.status(exit);
        return new Result(status, out, err, Duration.ofNanos(exit.cpuNanos()));
    }

    /// The command has ended; a process that outlived it (only possible in a shared pid namespace) may hold a pipe.
    private void drainStragglers() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STRAGGLER_MILLIS);
        while (!out.ended() || !err.ended()) {
            if (!(out.drain(chunk) | err.drain(chunk))) {
                if (System.nanoTime() > end) {
                    return;
                }
                Thread.sleep(1);
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
        launched.exit().whenComplete(new BiConsumer<Exit, Throwable>() {
            @Override
            public void accept(Exit exit, Throwable failure) {
                signal.ready();
            }
        });
        try {
            signal.await(nanos == Long.MAX_VALUE ? null : Duration.ofNanos(nanos));
        } finally {
            Poller.shared().cancel(first);
            Poller.shared().cancel(second);
        }
    }

    private static long watch(Captured stream, Poller.Signal signal) throws IOException {
        PipeInput source = stream.source();
        return stream.ended() || source == null ? -1 : Poller.shared().watch(source.fd(), Poller.IN, signal);
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
