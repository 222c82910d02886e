// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// The threads of one pull, which end with it. They are platform threads: system calls on files would pin virtual ones.
final class Workers implements Executor {
    private final List<Thread> threads = new ArrayList<>();
    private int started;
    private boolean cancelled;
    private @Nullable Throwable failure;

    @Override
    public synchronized void execute(Runnable task) {
        if (cancelled) {
            throw new RejectedExecutionException("the pull was given up");
        }
        Thread thread = Thread.ofPlatform().daemon().name("dolium-pull-" + ++started).unstarted(task);
        threads.removeIf(one -> one.getState() == Thread.State.TERMINATED);
        threads.add(thread);
        thread.start();
    }

    /// Runs a task on some threads at once, and waits for all of them even when interrupted.
    void executeOn(int count, Runnable task) {
        CountDownLatch working = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            try {
                execute(() -> {
                    try {
                        task.run();
                    } finally {
                        working.countDown();
                    }
                });
            } catch (RejectedExecutionException e) { // who is at work already is waited for
                working.countDown();
            }
        }
        await(working);
    }

    /// Waits without being interrupted.
    static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Interrupts everyone and lets nobody begin.
    synchronized void cancel() {
        cancelled = true;
        for (Thread thread : threads) {
            thread.interrupt();
        }
    }

    /// Gives everything up because something failed. What fails afterwards is no reason.
    synchronized void fail(Throwable why) {
        if (!cancelled) {
            failure = why;
            cancel();
        }
    }

    /// Throws what has failed first.
    ///
    /// @throws InterruptedIOException if nothing has, and the pull was given up
    synchronized void check() throws IOException {
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {
                if (cancelled) {
                    throw new InterruptedIOException("the pull was given up");
                }
            }
        }
    }

    /// Waits until all have ended.
    void await() throws InterruptedException {
        for (Thread thread = last(); thread != null; thread = last()) {
            thread.join();
        }
    }

    private synchronized @Nullable Thread last() {
        threads.removeIf(one -> one.getState() == Thread.State.TERMINATED);
        return threads.isEmpty() ? null : threads.getLast();
    }

    /// Waits until all have ended, without being interrupted.
    void awaitEnd() {
        boolean interrupted = false;
        while (true) {
            try {
                await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
