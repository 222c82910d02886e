// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import java.util.Locale;

/// Sizes and times in Docker's words.
final class HumanText {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private HumanText() {}

    /// `77.8MB`: three digits, and thousands.
    static String size(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 1000 && unit < UNITS.length - 1) {
            size /= 1000;
            unit++;
        }
        String text = String.format(Locale.ROOT, size >= 99.95 || unit == 0 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", size);
        String plain = text.indexOf('.') >= 0 ? text.replaceFirst("\\.?0+$", "") : text;
        return plain + UNITS[unit];
    }

    /// `3 weeks ago`.
    static String ago(Duration age) {
        long seconds = age.toSeconds();
        long hours = Math.round(age.toMinutes() / 60.0);
        if (seconds < 1) {
            return "Less than a second ago";
        } else if (seconds < 60) {
            return seconds == 1 ? "1 second ago" : seconds + " seconds ago";
        } else if (age.toMinutes() < 60) {
            return age.toMinutes() == 1 ? "About a minute ago" : age.toMinutes() + " minutes ago";
        } else if (hours < 48) {
            return hours == 1 ? "About an hour ago" : hours + " hours ago";
        } else if (hours < 24 * 7 * 2) {
            return hours / 24 + " days ago";
        } else if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks ago";
        }
        return hours < 24 * 365 * 2 ? hours / 24 / 30 + " months ago" : age.toDays() / 365 + " years ago";
    }
}
