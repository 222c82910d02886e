// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.nio.charset.StandardCharsets;

/// How strace prints a string: quoted, with control and non-ASCII bytes escaped, so that a hostile name cannot
/// forge a log line.
public final class Quoting {
    private static final int LIMIT = 4096;

    private Quoting() {}

    public static String quote(String value) {
        return quote(value.getBytes(StandardCharsets.UTF_8));
    }

    public static String quote(byte[] value) {
        StringBuilder out = new StringBuilder(value.length + 2).append('"');
        int length = Math.min(value.length, LIMIT);
        for (int i = 0; i < length; i++) {
            int b = value[i] & 0xff;
            if (b == '"' || b == '\\') {
                out.append('\\').append((char) b);
            } else if (b >= 0x20 && b < 0x7f) {
                out.append((char) b);
            } else if (b == '\n') {
                out.append("\\n");
            } else {
                out.append("\\x").append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
            }
        }
        return out.append(value.length > LIMIT ? "\"..." : "\"").toString();
    }
}
