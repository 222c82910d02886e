// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.time.Duration;

/// Keeps other load out of the figures: waits until the machine is quiet, and repeats what was disturbed. Both end when
/// the budget is used up; whether a measurement is repeated never depends on its result.
final class Quiet {
    private static final Duration WINDOW = Duration.ofMillis(200);
    private static final double QUIET = 0.10;
    private static final int TABLES = 6;

    private final long shareNanos;
    private long budgetNanos;
    private int measurements;
    private int repeated;
    private int disturbed;

    /// Something that takes its time and gives figures.
    @FunctionalInterface
    interface Measurement<T> {
        T measure() throws IOException, InterruptedException;
    }

    /// @param budget the longest time for waiting and for what is repeated, in all
    Quiet(Duration budget) {
        shareNanos = budget.toNanos() / TABLES;
    }

    /// Begins a table: a sixth of the budget is for it, and what others left over.
    void beginTable() {
        budgetNanos = Math.max(0, budgetNanos) + shareNanos;
        measurements = 0;
        repeated = 0;
        disturbed = 0;
    }

    /// Returns when nothing keeps the processors busy: other programs, or what the kernel still cleans up after the last
    /// measurement, as network namespaces.
    void await() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long limit = Math.min(shareNanos / 2, budgetNanos);
        do {
            CpuTime before = CpuTime.now();
            Thread.sleep(WINDOW);
            if (CpuTime.now().busyShareSince(before) <= QUIET) {
                break;
            }
        } while (System.nanoTime() - begin < limit);
        budgetNanos -= System.nanoTime() - begin - WINDOW.toNanos();
    }

    /// Measures, and again if other programs used more than a tenth of the processors meanwhile.
    <T> T undisturbed(Measurement<T> measurement) throws IOException, InterruptedException {
        measurements++;
        while (true) {
            CpuTime before = CpuTime.now();
            long begin = System.nanoTime();
            T result = measurement.measure();
            if (CpuTime.now().foreignShareSince(before) <= QUIET) {
                return result;
            }
            if (budgetNanos <= 0) {
                disturbed++;
                return result;
            }
            budgetNanos -= System.nanoTime() - begin;
            repeated++;
            await();
        }
    }

    /// Tells whether the figures of a table can be trusted.
    void endTable(Table table) {
        String many = disturbed + " of " + measurements + " measurements were disturbed by other programs";
        table.note((disturbed == 0 ? many : "**" + many + "**") + "; " + repeated + " disturbed ones were repeated.");
    }
}
