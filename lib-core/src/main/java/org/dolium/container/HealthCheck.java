// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import java.util.List;

/// How to see whether a container works, as its maker recommends. Nothing here runs it.
///
/// @param command what is run in the container; it works if that exits with 0
/// @param interval the time between two tests
/// @param timeout how long a test may last
/// @param startPeriod the time in which failures don't count
/// @param startInterval the time between two tests in that period
/// @param retries so many failures in a row say that it does not work
public record HealthCheck(
        List<String> command, Duration interval, Duration timeout, Duration startPeriod, Duration startInterval, int retries) {
    /// Docker's times: 30 s, 30 s, 0 s and 5 s, and 3 retries.
    public static HealthCheck of(String... command) {
        return new HealthCheck(
                List.of(command), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ZERO, Duration.ofSeconds(5), 3);
    }

    public HealthCheck {
        command = List.copyOf(command);
        boolean negative = startPeriod.isNegative() || startInterval.isNegative();
        if (command.isEmpty() || interval.isNegative() || timeout.isNegative() || negative || retries < 0) {
            throw new IllegalArgumentException("the health check has no command, or a negative time or number");
        }
    }
}
