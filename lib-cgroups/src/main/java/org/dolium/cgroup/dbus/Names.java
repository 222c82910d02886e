// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

/// Which names are well formed.
final class Names {
    private Names() {}

    /// `/`, or elements of letters, digits and `_`, each after a slash.
    static boolean objectPath(String path) {
        if (path.equals("/")) {
            return true;
        }
        boolean slash = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/' ? slash || i == path.length() - 1 : i == 0 || !letterOrDigit(c)) {
                return false;
            }
            slash = c == '/';
        }
        return !path.isEmpty();
    }

    private static boolean letterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
