// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.time.Duration;

/// Waits for what comes by itself, however slow and busy the machine is: a test that looks at once sees what was, and one that
/// sleeps for a while sees it on a slow machine.
public final class Await {
    private static final Duration LIMIT = Slow.seconds(30);
    private static final long PAUSE_MILLIS = 10;

    private Await() {}

    /// What may hold at last.
    public interface Condition {
        boolean holds() throws Exception;
    }

    /// Fails if it does not come to hold within half a minute.
    public static void that(String what, Condition condition) throws Exception {
        if (!within(LIMIT, condition)) {
            throw new AssertionError("not within " + LIMIT + ": " + what);
        }
    }

    /// Whether it comes to hold within that time.
    public static boolean within(Duration limit, Condition condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        return true;
    }
}
