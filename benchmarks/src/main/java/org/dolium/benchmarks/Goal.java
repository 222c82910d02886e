// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.util.Locale;

/// How one of our figures should compare with another's.
///
/// @param against whose figure ours is compared with
/// @param kind what the bound is on
record Goal(String against, Kind kind, double bound) {
    enum Kind {
        /// Our time ÷ its time, at most.
        TIME,
        /// Its time ÷ our time, or our rate ÷ its rate, at least.
        SPEED
    }

    static Goal time(String against, double bound) {
        return new Goal(against, Kind.TIME, bound);
    }

    static Goal speed(String against, double bound) {
        return new Goal(against, Kind.SPEED, bound);
    }

    String ratio(double ourTime, double itsTime) {
        return kind == Kind.TIME
                ? format("%.2f × its time", ourTime / itsTime)
                : format("%.2f × its speed", itsTime / ourTime);
    }

    String target() {
        return format(kind == Kind.TIME ? "≤ %s ×" : "≥ %s ×", bound);
    }

    String verdict(double ourTime, double itsTime) {
        boolean met = kind == Kind.TIME ? ourTime / itsTime <= bound : itsTime / ourTime >= bound;
        return Table.met(met);
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
