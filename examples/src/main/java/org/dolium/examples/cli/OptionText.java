// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;

/// Reads the values of options that Docker does not have.
final class OptionText {
    private OptionText() {}

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
