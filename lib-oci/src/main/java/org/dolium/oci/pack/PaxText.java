// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The records of an extended header that is being written; see pax in POSIX. They stay in the order in which they are added.
final class PaxText {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PaxText add(String key, byte[] value) {
        byte[] keyBytes = key.getBytes(StandardCharsets.ISO_8859_1);
        int rest = keyBytes.length + value.length + 3; // space, equals sign, line feed
        int length = rest + digits(rest);
        if (digits(length) > digits(rest)) {
            length++;
        }
        write(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        out.write(' ');
        write(keyBytes);
        out.write('=');
        write(value);
        out.write('\n');
        return this;
    }

    PaxText add(String key, String value) {
        return add(key, value.getBytes(StandardCharsets.US_ASCII));
    }

    PaxText add(String key, long value) {
        return add(key, Long.toString(value));
    }

    /// A time with its fraction, without zeros at the end.
    PaxText time(String key, long seconds, int nanos) {
        if (nanos == 0) {
            return add(key, seconds);
        }
        boolean negative = seconds < 0;
        long whole = negative ? -(seconds + 1) : seconds;
        String fraction = Integer.toString(1_000_000_000 + (negative ? 1_000_000_000 - nanos : nanos)).substring(1);
        int end = fraction.length();
        while (fraction.charAt(end - 1) == '0') {
            end--;
        }
        return add(key, (negative ? "-" : "") + whole + "." + fraction.substring(0, end));
    }

    private static int digits(int number) {
        return Integer.toString(number).length();
    }

    private void write(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }

    boolean isEmpty() {
        return out.size() == 0;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
