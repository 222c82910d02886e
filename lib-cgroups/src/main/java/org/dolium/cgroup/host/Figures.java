// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

/// Numbers in the texts of cgroup files.
final class Figures {
    private Figures() {}

    /// The number of a line `name number`, or -1 if there is none.
    static long field(String text, String name) {
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            if (text.startsWith(name, at) && at + name.length() < end && text.charAt(at + name.length()) == ' ') {
                return number(text.substring(at + name.length() + 1, end));
            }
            at = end + 1;
        }
        return -1;
    }

    /// A text that is one number, or -1 if it is something else, such as `max`.
    static long number(String text) {
        long value = 0;
        int digits = 0;
        for (int i = 0; i < text.length() && text.charAt(i) != '\n'; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
            digits++;
        }
        return digits == 0 ? -1 : value;
    }
}
