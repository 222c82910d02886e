// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.dolium.oci.image.RunConfig.Healthcheck;

/// The words of a Dockerfile's `HEALTHCHECK`.
final class HealthWords {
    private static final long SECOND = 1_000_000_000L;

    private HealthWords() {}

    /// @param command reads a command
    static Healthcheck parse(String text, Function<String, List<String>> command) {
        long[] times = new long[4];
        long retries = 0;
        String rest = text;
        while (rest.startsWith("--")) {
            String option = rest.split("\\s", 2)[0];
            rest = rest.substring(option.length()).strip();
            int equals = option.indexOf('=');
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (equals < 0 ? option : option.substring(0, equals)) {
                case "--interval" -> times[0] = nanos(value);
                case "--timeout" -> times[1] = nanos(value);
                case "--start-period" -> times[2] = nanos(value);
                case "--start-interval" -> times[3] = nanos(value);
                case "--retries" -> retries = number(value);
                default -> throw new IllegalArgumentException("'" + option + "' is unknown");
            }
        }
        String word = rest.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
        String after = rest.substring(word.length()).strip();
        List<String> test = new ArrayList<>();
        if (word.equals("NONE") && after.isEmpty()) {
            test.add("NONE");
        } else if (word.equals("CMD") && after.startsWith("[")) {
            test.add("CMD");
            test.addAll(command.apply(after));
        } else if (word.equals("CMD") && !after.isEmpty()) {
            test.add("CMD-SHELL");
            test.add(after);
        } else {
            throw new IllegalArgumentException("there is NONE, and CMD with a command");
        }
        return new Healthcheck(test, times[0], times[1], times[2], times[3], retries, Map.of());
    }

    private static long number(String text) {
        if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("'" + text + "' is no number");
        }
        return Long.parseLong(text);
    }

    /// `1m30s`, as Go writes it.
    private static long nanos(String text) {
        long sum = 0;
        int at = 0;
        while (at < text.length()) {
            int unit = at;
            while (unit < text.length() && Character.isDigit(text.charAt(unit))) {
                unit++;
            }
            int end = unit;
            while (end < text.length() && !Character.isDigit(text.charAt(end))) {
                end++;
            }
            sum += number(text.substring(at, unit)) * unit(text.substring(unit, end), text);
            at = end;
        }
        return sum;
    }

    private static long unit(String unit, String text) {
        return switch (unit) {
            case "ns" -> 1;
            case "us" -> 1000;
            case "ms" -> 1_000_000;
            case "s" -> SECOND;
            case "m" -> 60 * SECOND;
            case "h" -> 3600 * SECOND;
            default -> throw new IllegalArgumentException("'" + text + "' is no time as 30s or 1m30s");
        };
    }
}
