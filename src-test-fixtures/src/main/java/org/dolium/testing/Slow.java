// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.time.Duration;

/// Time limits that know how slow the machine is: emulated ones are about twenty times slower.
public final class Slow {
    /// How many times slower than usual this machine is: the property `dolium.slow` or the variable `SLOW`, otherwise 1.
    public static final int FACTOR = factor();

    private static final int FEWER = 5;

    private Slow() {}

    private static int factor() {
        String variable = System.getenv("SLOW");
        return Integer.getInteger("dolium.slow", variable == null ? 1 : Integer.parseInt(variable));
    }

    /// A time limit that is `seconds` on a usual machine. Only for limits: how long something is measured does not change.
    public static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds * FACTOR);
    }

    /// How often something is repeated to make a race likely that the machine's kernel has no part in: `usual` times, and a fifth of it
    /// on a slow machine.
    public static int repeats(int usual) {
        return FACTOR == 1 ? usual : usual / FEWER;
    }
}
