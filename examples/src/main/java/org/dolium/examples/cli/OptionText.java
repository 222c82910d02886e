// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import org.dolium.container.MemorySize;

/// Reads the values of options that Docker does not have.
final class OptionText {
    private OptionText() {}

    /// A number of bytes in Docker's words: `64m`, `64mb`, `1g`.
    static long size(String text) {
        boolean twoLetters = text.matches("(?i)[0-9]+[kmgt]b");
        return MemorySize.parse(twoLetters ? text.substring(0, text.length() - 1) : text).bytes();
    }

    /// What is before and after the first `=`.
    static String[] pair(String option, String text, String form) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(option + " '" + text + "' is not " + form);
        }
        return new String[] {text.substring(0, equals), text.substring(equals + 1)};
    }

    /// `90` (seconds), `500ms`, `30s`, `5m` or `1h`.
    static Duration duration(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0 || digits > 9) {
            throw new IllegalArgumentException("time '" + text + "' is not like 90, 500ms, 30s, 5m or 1h");
        }
        long count = Long.parseLong(text.substring(0, digits));
        Duration time = switch (text.substring(digits)) {
            case "", "s" -> Duration.ofSeconds(count);
            case "ms" -> Duration.ofMillis(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> throw new IllegalArgumentException("time '" + text + "' is not like 90, 500ms, 30s, 5m or 1h");
        };
        if (time.isZero()) {
            throw new IllegalArgumentException("time '" + text + "' is zero");
        }
        return time;
    }
}
