// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Numbers in the texts of cgroup files. What is not a number, as `max`, or is longer than 63 bits, is absent.
public final class Figures {
    private static final long MOST = Long.MAX_VALUE / 10;

    private Figures() {}

    /// The number of a line `name number`, or -1 if there is none.
    public static long field(@Nullable String text, String name) {
        int at = 0;
        while (text != null && at < text.length()) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            if (text.startsWith(name, at) && at + name.length() < end && text.charAt(at + name.length()) == ' ') {
                return number(text.substring(at + name.length() + 1, end));
            }
            at = end + 1;
        }
        return -1;
    }

    /// A text whose first line is one number, or -1 if it is something else, such as `max`.
    public static long number(@Nullable String text) {
        long value = 0;
        int digits = 0;
        for (int i = 0; text != null && i < text.length() && text.charAt(i) != '\n'; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > MOST || value < 0) {
                return -1;
            }
            value = 10 * value + digit;
            digits++;
        }
        return digits == 0 || value < 0 ? -1 : value;
    }

    /// As [#field], absent instead of -1, and multiplied.
    public static OptionalLong field(@Nullable String text, String name, long unit) {
        return times(field(text, name), unit);
    }

    /// As [#number], absent instead of -1.
    public static OptionalLong optional(@Nullable String text) {
        return times(number(text), 1);
    }

    /// A number in a greater unit than the result's; absent if it is negative.
    public static OptionalLong times(long number, long unit) {
        return number < 0 || number > Long.MAX_VALUE / unit ? OptionalLong.empty() : OptionalLong.of(number * unit);
    }

    /// `a + b` of those that are there.
    public static OptionalLong sum(OptionalLong a, OptionalLong b) {
        return a.isEmpty() || b.isEmpty() ? (a.isEmpty() ? b : a) : OptionalLong.of(a.getAsLong() + b.getAsLong());
    }

    /// `a - b`, but at least 0: the kernel does not count both at the same moment.
    public static OptionalLong difference(OptionalLong a, OptionalLong b) {
        return a.isEmpty() || b.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, a.getAsLong() - b.getAsLong()));
    }
}
