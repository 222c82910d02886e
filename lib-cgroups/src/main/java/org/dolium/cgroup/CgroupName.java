// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// The name of a container's cgroup: a letter, digit, `_`, `+` or `-`, then up to 127 of these or `.`. Nothing that leads
/// elsewhere can be said.
///
/// @param text the name
public record CgroupName(String text) {
    private static final int LONGEST = 128;

    public CgroupName {
        if (!valid(text)) {
            String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
            throw new IllegalArgumentException("name '" + printable(shown) + "' is not a letter, digit, '_', '+' or '-'"
                    + " followed by up to 127 of these or '.'");
        }
    }

    private static boolean valid(String text) {
        if (text.isEmpty() || text.length() > LONGEST || text.charAt(0) == '.') {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && "_+-.".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(c < ' ' || c == 0x7f ? '?' : c);
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
