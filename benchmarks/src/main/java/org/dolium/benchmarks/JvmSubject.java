// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A subject that starts from this JVM.
record JvmSubject(Starter starter) implements Subject {
    private static final long NANOS = 1_000_000_000L;

    /// One start, up to and including the exit.
    interface Starter {
        void startAndWait() throws IOException, InterruptedException;
    }

    @Override
    public long[] startToExitNanos(int n, Duration gap) throws IOException, InterruptedException {
        long[] nanos = new long[n];
        for (int i = 0; i < n; i++) {
            if (gap.isPositive()) {
                Thread.sleep(gap);
            }
            long begin = System.nanoTime();
            starter.startAndWait();
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    @Override
    public double startsPerSecond(int inFlight, Duration time) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long deadline = begin + time.toNanos();
        long count = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(inFlight)) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < inFlight; i++) {
                counts.add(threads.submit(() -> startUntil(deadline)));
            }
            for (Future<Integer> future : counts) {
                count += future.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return (double) count * NANOS / (System.nanoTime() - begin);
    }

    private int startUntil(long deadline) throws IOException, InterruptedException {
        int count = 0;
        while (System.nanoTime() - deadline < 0) {
            starter.startAndWait();
            count++;
        }
        return count;
    }
}
