// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Waits until nothing else keeps the processors busy: other programs, or what the kernel still cleans up after the last
/// measurement, as network namespaces.
final class Quiet {
    private static final Path STAT = Path.of("/proc/stat");
    private static final Duration WINDOW = Duration.ofMillis(200);
    private static final double QUIET = 0.10;
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8; // what follows is part of the others

    private final Duration patience;
    private long budgetNanos;
    private int waits;
    private int failures;

    /// @param patience the longest single wait
    /// @param budget the longest time for all waits together
    Quiet(Duration patience, Duration budget) {
        this.patience = patience;
        budgetNanos = budget.toNanos();
    }

    /// Returns when the machine is quiet, or when patience or the budget is at its end.
    void await() throws IOException, InterruptedException {
        waits++;
        long begin = System.nanoTime();
        long limit = Math.min(patience.toNanos(), budgetNanos);
        while (load() > QUIET) {
            if (System.nanoTime() - begin > limit) {
                failures++;
                break;
            }
        }
        budgetNanos -= System.nanoTime() - begin - WINDOW.toNanos();
    }

    /// The busy share of all processors while this program does nothing.
    private static double load() throws IOException, InterruptedException {
        long[] before = ticks();
        Thread.sleep(WINDOW);
        long[] after = ticks();
        return (double) (after[0] - before[0]) / Math.max(1, after[1] - before[1]);
    }

    /// Busy ticks and all ticks.
    private static long[] ticks() throws IOException {
        String[] words = Files.readAllLines(STAT).getFirst().split(" +");
        long idle = Long.parseLong(words[IDLE]) + Long.parseLong(words[IO_WAIT]);
        long all = 0;
        for (int i = 1; i <= STEAL; i++) {
            all += Long.parseLong(words[i]);
        }
        return new long[] {all - idle, all};
    }

    /// Tells whether the figures can be trusted.
    void report(Table table) {
        if (failures > 0) {
            table.note("**" + failures + " of " + waits + " measurements began while something else kept the machine busy.**");
        } else if (waits > 0) {
            table.note("The machine was quiet before each of " + waits + " measurements.");
        }
    }
}
