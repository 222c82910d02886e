// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Moments as Docker reads and prints them.
final class TimeText {
    private static final Pattern DURATION = Pattern.compile("(?:[0-9]+(?:\\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+");
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final Pattern UNIX = Pattern.compile("([0-9]{1,12})(?:\\.([0-9]{1,9}))?");
    private static final Pattern DATE = Pattern.compile(
            "([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2})(?::([0-9]{2})(?::([0-9]{2}(?:\\.[0-9]{1,9})?))?)?)?(Z|[+-][0-9]{2}:[0-9]{2})?");
    private static final DateTimeFormatter NANOS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS", Locale.ROOT);
    private static final DateTimeFormatter CREATED = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx zzz", Locale.ROOT);

    private TimeText() {}

    /// A date of RFC 3339, also a part of one and then of this time zone; seconds since 1970; or how long ago, as `1h30m`.
    ///
    /// @param option as `since`, for the message
    static Instant parse(String option, String text, Instant now) {
        Matcher unix = UNIX.matcher(text);
        Matcher date = DATE.matcher(text);
        try {
            if (unix.matches()) {
                String fraction = unix.group(2) == null ? "" : unix.group(2);
                return Instant.ofEpochSecond(Long.parseLong(unix.group(1)), Long.parseLong((fraction + "000000000").substring(0, 9)));
            } else if (DURATION.matcher(text).matches()) {
                return now.minus(duration(text));
            } else if (date.matches()) {
                return date(date);
            }
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            // as the others
        }
        throw new IllegalArgumentException(
                "invalid value for \"" + option + "\": failed to parse value as time or duration: \"" + text + "\"");
    }

    private static Duration duration(String text) {
        double nanos = 0;
        for (Matcher part = PART.matcher(text); part.find(); ) {
            nanos += Double.parseDouble(part.group(1)) * switch (part.group(2)) {
                case "ns" -> 1.0;
                case "us", "µs" -> 1e3;
                case "ms" -> 1e6;
                case "s" -> 1e9;
                case "m" -> 60e9;
                default -> 3600e9;
            };
        }
        return Duration.ofNanos(Math.round(nanos));
    }

    private static Instant date(Matcher date) {
        String text = date.group(1) + "T" + orZero(date.group(2)) + ":" + orZero(date.group(3)) + ":" + orZero(date.group(4));
        return date.group(5) == null
                ? LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant()
                : OffsetDateTime.parse(text + date.group(5)).toInstant();
    }

    private static String orZero(@Nullable String digits) {
        return digits == null ? "00" : digits;
    }

    /// `2026-11-22T05:08:24.012345678Z`: always of the same length, as in front of lines of logs.
    static String nanos(Instant time) {
        return NANOS.format(time.atOffset(ZoneOffset.UTC)) + "Z";
    }

    /// `2026-11-22T05:08:24.012345678+01:00`, as events are printed.
    static String local(Instant time) {
        OffsetDateTime there = time.atZone(ZoneId.systemDefault()).toOffsetDateTime();
        return NANOS.format(there) + there.getOffset();
    }

    /// `2026-11-22 05:08:24 +0100 CET`, as lists have it.
    static String listed(Instant time) {
        return CREATED.format(time.atZone(ZoneId.systemDefault()));
    }
}
