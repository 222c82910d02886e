// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.nio.charset.StandardCharsets;

/// The name of a scope or a slice; see systemd.unit(5).
public record UnitName(String text) {
    private static final int LONGEST = 255;
    private static final String SCOPE = ".scope";
    private static final String SLICE = ".slice";
    private static final String PREFIX = "dolium-";
    private static final String HEX = "0123456789abcdef";

    public UnitName {
        boolean scope = text.endsWith(SCOPE) && text.length() > SCOPE.length();
        if (text.length() > LONGEST || !allValid(text) || !scope && !validSlice(text)) {
            throw new IllegalArgumentException("'" + text + "' is no name of a scope or a slice of systemd");
        }
    }

    /// The scope of a container: `dolium-ID.scope`, with what systemd does not accept in an id escaped.
    public static UnitName scope(String id) {
        return new UnitName(PREFIX + escape(id) + SCOPE);
    }

    /// A slice by its full name, as `machine.slice`.
    public static UnitName slice(String name) {
        if (!name.endsWith(SLICE)) {
            throw new IllegalArgumentException("'" + name + "' is no name of a slice of systemd: it ends with .slice");
        }
        return new UnitName(name);
    }

    boolean isScope() {
        return text.endsWith(SCOPE);
    }

    /// Does what systemd-escape(1) does.
    static String escape(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder escaped = new StringBuilder(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xFF);
            if (c == '/') {
                escaped.append('-');
            } else if (valid(c) && c != '-' && c != '\\' && (c != '.' || i > 0)) {
                escaped.append(c);
            } else {
                escaped.append("\\x").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return escaped.toString();
    }

    private static boolean allValid(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!valid(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean valid(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ":-_.\\".indexOf(c) >= 0;
    }

    /// The dashes of a slice's name are the levels of a tree, none of which is empty.
    private static boolean validSlice(String text) {
        if (!text.endsWith(SLICE)) {
            return false;
        }
        String levels = text.substring(0, text.length() - SLICE.length());
        return levels.equals("-")
                || !levels.isEmpty() && !levels.startsWith("-") && !levels.endsWith("-") && !levels.contains("--");
    }

    @Override
    public String toString() {
        return text;
    }
}
