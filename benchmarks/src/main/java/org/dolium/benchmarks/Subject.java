// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.time.Duration;

/// Something that starts `/bin/true` and waits for its end.
interface Subject {
    /// Starts `n` times, one after the other, each after `gap`.
    ///
    /// @return for each the time from the decision to start until the exit is known
    long[] startToExitNanos(int n, Duration gap) throws IOException, InterruptedException;

    /// How many starts a second there are when `inFlight` callers start at once, each again and again.
    double startsPerSecond(int inFlight, Duration time) throws IOException, InterruptedException;
}
