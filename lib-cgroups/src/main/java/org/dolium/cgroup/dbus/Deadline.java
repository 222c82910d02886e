// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.net.SocketTimeoutException;
import java.time.Duration;

/// A moment after which nobody waits any more.
public final class Deadline {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Duration limit;
    private final long end;

    private Deadline(Duration limit) {
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
    }

    public static Deadline in(Duration limit) {
        return new Deadline(limit);
    }

    public boolean passed() {
        return end - System.nanoTime() <= 0;
    }

    /// The time that is left: at least 1 ms.
    ///
    /// @param what what is waited for, for the message
    long millisLeft(String what) throws SocketTimeoutException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw late(what);
        }
        return Math.max(1, left / NANOS_PER_MILLI);
    }

    /// What to throw when the moment has passed.
    public SocketTimeoutException late(String what) {
        return new SocketTimeoutException("no " + what + " within " + limit.toMillis() + " ms");
    }
}
