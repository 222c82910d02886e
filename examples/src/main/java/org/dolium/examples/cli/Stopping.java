// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.dolium.container.DetachedContainer;
import org.dolium.container.Signal;
import org.jspecify.annotations.Nullable;

/// How `dolium stop` and `dolium restart` end a container.
///
/// @param signal what is sent first, or null for the container's own
/// @param seconds until it is killed, -1 for no limit, or null for the container's own
record Stopping(@Nullable String signal, @Nullable Integer seconds) {
    private static final String TEN = "10";

    Stopping {
        if (signal != null) {
            Signal.parse(signal);
        }
        if (seconds != null && seconds < -1) {
            throw new IllegalArgumentException("--timeout " + seconds + " is not -1 or more");
        }
    }

    /// Ends it if it runs, and keeps it from being run again.
    void stop(DetachedContainer container) throws IOException, InterruptedException {
        if (!Found.isUp(container)) {
            container.stayEnded(); // somebody may be about to run it again
        }
        if (Found.isUp(container)) {
            container.stop(signal == null ? container.stopSignal() : Signal.parse(signal), grace(container));
        }
    }

    private Duration grace(DetachedContainer container) throws IOException {
        int limit = seconds == null ? Integer.parseInt(StoredRun.of(container).option("--stop-timeout", TEN)) : seconds;
        return limit < 0 ? ChronoUnit.FOREVER.getDuration() : Duration.ofSeconds(limit);
    }
}
