// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;

/// Sizes and times in Docker's words.
final class HumanText {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private HumanText() {}

    /// `77.8MB`: three digits, and thousands.
    static String size(long bytes) {
        return size(bytes, 1000, 3, UNITS);
    }

    /// `1.046MiB`: four digits, and 1024.
    static String binarySize(long bytes) {
        return size(bytes, 1024, 4, BINARY_UNITS);
    }

    private static String size(long bytes, int base, int digits, String[] units) {
        double size = bytes;
        int unit = 0;
        while (size >= base && unit < units.length - 1) {
            size /= base;
            unit++;
        }
        return new BigDecimal(size).round(new MathContext(digits)).stripTrailingZeros().toPlainString() + units[unit];
    }

    /// `3 weeks ago`.
    static String ago(Duration age) {
        return duration(age) + " ago";
    }

    /// `3 weeks`.
    static String duration(Duration age) {
        long seconds = age.toSeconds();
        long hours = Math.round(age.toMinutes() / 60.0);
        if (seconds < 1) {
            return "Less than a second";
        } else if (seconds < 60) {
            return seconds == 1 ? "1 second" : seconds + " seconds";
        } else if (age.toMinutes() < 60) {
            return age.toMinutes() == 1 ? "About a minute" : age.toMinutes() + " minutes";
        } else if (hours < 48) {
            return hours == 1 ? "About an hour" : hours + " hours";
        } else if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        } else if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        }
        return hours < 24 * 365 * 2 ? hours / 24 / 30 + " months" : age.toDays() / 365 + " years";
    }
}
