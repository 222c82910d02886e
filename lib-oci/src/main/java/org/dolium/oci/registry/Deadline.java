// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.net.http.HttpTimeoutException;
import java.time.Duration;

/// When something is given up, with all its tries.
final class Deadline {
    private final Duration whole;
    private final long end;

    private Deadline(Duration whole) {
        this.whole = whole;
        end = System.nanoTime() + Math.min(whole.toNanos(), Long.MAX_VALUE / 4);
    }

    static Deadline after(Duration whole) {
        return new Deadline(whole);
    }

    boolean isOver() {
        return end - System.nanoTime() <= 0;
    }

    /// What is left, but at most `most` nanoseconds.
    long leftNanos(long most) throws HttpTimeoutException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw exception();
        }
        return Math.min(left, most);
    }

    /// What is left for a socket, at least a millisecond.
    int leftMillis() throws HttpTimeoutException {
        return (int) (leftNanos(Integer.MAX_VALUE * 1_000_000L) / 1_000_000) + 1;
    }

    HttpTimeoutException exception() {
        return new Passed("it took longer than " + whole.toMillis() / 1000.0 + " seconds in all");
    }

    /// It is not tried again.
    static final class Passed extends HttpTimeoutException {
        private static final long serialVersionUID = 1;

        Passed(String message) {
            super(message);
        }
    }
}
