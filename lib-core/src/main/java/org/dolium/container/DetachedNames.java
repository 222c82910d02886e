// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.cgroup.CgroupName;

/// Ids, names and keys of detached containers: never a path, whatever was given.
final class DetachedNames {
    static final int ID = 64;
    static final int SHORT = 12;

    private DetachedNames() {}

    /// @throws IllegalArgumentException if it can't be one
    static String checkName(String name) {
        return new CgroupName(name).text();
    }

    static String checkNote(String key, byte[] bytes) {
        if (bytes.length > DetachedOptions.LONGEST_NOTE) {
            throw new IllegalArgumentException("note of " + bytes.length + " bytes is longer than " + DetachedOptions.LONGEST_NOTE);
        }
        return checkName(key);
    }

    static boolean isId(String text) {
        return text.length() == ID && isHex(text);
    }

    static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
