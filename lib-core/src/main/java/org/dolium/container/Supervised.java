// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A container that is run again when its command ends, as a [RestartPolicy] says, until it is stopped or closed. Each time it is a
/// new [Container], and the one before is closed.
///
/// Between two runs it waits for 100 ms, then twice as long each time, up to a minute; for 100 ms again if the command ran for 10
/// seconds. It lives in this JVM and ends with it. All methods may be called from any thread.
public final class Supervised implements AutoCloseable {
    static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    static final long LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);
    static final long WELL = TimeUnit.SECONDS.toNanos(10);
    private static final long END_SECONDS = 90;

    private final ContainerSpec spec;
    private final RestartPolicy policy;
    private final Consumer<? super Container> each;
    private final CompletableFuture<ExitStatus> end = new CompletableFuture<>();
    private Container container;
    private int restarts;
    private boolean stopping;

    private Supervised(ContainerSpec spec, RestartPolicy policy, Consumer<? super Container> each, Container first) {
        this.spec = spec;
        this.policy = policy;
        this.each = each;
        this.container = first;
    }

    static Supervised start(ContainerSpec spec, RestartPolicy policy, Consumer<? super Container> each)
            throws IOException, InterruptedException {
        Container first = spec.start();
        try {
            each.accept(first);
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
        Supervised supervised = new Supervised(spec, policy, each, first);
        Thread.ofVirtual().name("dolium-supervisor").start(supervised::keep);
        return supervised;
    }

    /// How long to wait before the next run.
    ///
    /// @param last how long it was before the last one, or 0 if this is the first
    /// @param ran how long the command ran
    static long pause(long last, long ran) {
        return last == 0 || ran >= WELL ? FIRST_PAUSE : Math.min(2 * last, LONGEST_PAUSE);
    }

    private void keep() {
        try {
            keepRunning();
        } catch (IOException | InterruptedException | RuntimeException e) {
            end.completeExceptionally(e);
        } finally {
            spec.release();
        }
    }

    private void keepRunning() throws IOException, InterruptedException {
        long pause = 0;
        while (true) {
            long begin = System.nanoTime();
            ExitStatus status = container().waitFor();
            pause = pause(pause, System.nanoTime() - begin);
            if (!mayRunAgain(status.success())) {
                end.complete(status);
                return;
            }
            container().close(); // its name may be the next one's
            while (!runAgain(pause)) {
                if (isStopping()) {
                    end.complete(status);
                    return;
                }
                pause = pause(pause, 0);
            }
        }
    }

    /// @return whether it runs
    /// @throws IOException if it can't be run and that was the last time
    private boolean runAgain(long pause) throws IOException, InterruptedException {
        if (!rest(pause)) {
            return false;
        }
        Container next;
        try {
            next = spec.start();
        } catch (IOException e) {
            if (isStopping() || mayRunAgain(false)) {
                return false;
            }
            throw e;
        }
        if (!take(next)) {
            next.close();
            return false;
        }
        try {
            each.accept(next);
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
        return true;
    }

    private synchronized boolean mayRunAgain(boolean success) {
        if (stopping || !policy.again(success, restarts)) {
            return false;
        }
        restarts++;
        return true;
    }

    /// @return false if it is to stop
    private synchronized boolean rest(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; !stopping && left > 0; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return !stopping;
    }

    private synchronized boolean take(Container next) {
        if (!stopping) {
            container = next;
        }
        return !stopping;
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /// The one that runs, or ran last.
    public synchronized Container container() {
        return container;
    }

    /// How often the command was run again.
    public synchronized int restarts() {
        return restarts;
    }

    /// Completes when the command is not run again. Cancelling the returned future has no effect.
    public CompletableFuture<ExitStatus> onExit() {
        return end.copy();
    }

    /// Waits until the command is not run again.
    ///
    /// @return how it ended the last time
    /// @throws IOException if it could not be run any more
    public ExitStatus waitFor() throws IOException, InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /// As [#waitFor()], but no longer than `timeout`.
    ///
    /// @return nothing if it still runs, or will again
    public Optional<ExitStatus> waitFor(Duration timeout) throws IOException, InterruptedException {
        try {
            return Optional.of(end.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static IOException failure(ExecutionException e) {
        if (e.getCause() instanceof IOException why) {
            return why;
        }
        return new IOException(String.valueOf(e.getCause()), e.getCause());
    }

    /// Stops the one that runs, as [Container#stop(Duration)], and runs no other.
    public Stopped stop(Duration grace) throws InterruptedException {
        Container last = runNoMore();
        Stopped how = last.stop(grace);
        awaitEnd();
        return how;
    }

    private synchronized Container runNoMore() {
        stopping = true;
        notifyAll();
        return container;
    }

    private void awaitEnd() throws InterruptedException {
        try {
            end.get(END_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            // waitFor tells
        } catch (TimeoutException e) {
            throw new IllegalStateException("a start that was under way did not end within " + END_SECONDS + " s", e);
        }
    }

    /// Kills the one that runs, runs no other, and frees everything. Closing twice does nothing.
    @Override
    public void close() {
        runNoMore().close();
        try {
            awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
