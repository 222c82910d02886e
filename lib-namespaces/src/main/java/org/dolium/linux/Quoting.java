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

    /// The same text without quotation marks, in which only that is escaped which a terminal or a log would not show as characters of the
    /// line: control, direction, other lines, and lone surrogates.
    public static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isShown(text, i)) {
                return escaped(text, i);
            }
        }
        return text;
    }

    private static String escaped(String text, int from) {
        StringBuilder out = new StringBuilder(text.length() + 8).append(text, 0, from);
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isShown(text, i)) {
                out.append(c);
            } else if (c <= 0xff) {
                out.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                out.append("\\u").append(Integer.toHexString(c));
            }
        }
        return out.toString();
    }

    private static boolean isShown(String text, int at) {
        char c = text.charAt(at);
        if (c < 0x7f) {
            return c >= 0x20;
        }
        if (Character.isSurrogate(c)) {
            return Character.isHighSurrogate(c)
                    ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                    : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
        }
        int type = Character.getType(c);
        return type != Character.CONTROL && type != Character.FORMAT && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR;
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
