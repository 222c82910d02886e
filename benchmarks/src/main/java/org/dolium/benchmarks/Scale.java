// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.time.Duration;

/// How much is measured.
///
/// @param rounds how often every subject has its turn
/// @param turn how long a subject's turn takes, about
/// @param gapped how many starts with gaps there are in a turn
/// @param warmUp how many containers the JVM starts before anything is measured
/// @param rateRounds how often every subject's rates are measured
/// @param rateTime how long a rate is measured
/// @param firsts how many new JVMs each row of the first container has
record Scale(
        int rounds, Duration turn, int gapped, int warmUp, int rateRounds, Duration rateTime, int firsts) {
    static final Scale FULL = new Scale(7, Duration.ofMillis(150), 15, 3000, 5, Duration.ofMillis(300), 21);
    static final Scale QUICK = new Scale(3, Duration.ofMillis(60), 4, 500, 1, Duration.ofMillis(100), 5);

    private static final int FEWEST = 8;
    private static final int MOST = 400;

    /// How many starts of `nanos` each make a turn.
    int starts(long nanos) {
        return Math.clamp(turn.toNanos() / Math.max(1, nanos), FEWEST, MOST);
    }
}
