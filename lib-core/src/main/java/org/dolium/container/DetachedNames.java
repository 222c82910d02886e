// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.cgroup.CgroupName;

/// Ids, names and keys of detached containers: never a path, whatever was given.
final class DetachedNames {
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

    /// The text without control characters.
    static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            out.append(Character.isISOControl(text.charAt(i)) ? '?' : text.charAt(i));
        }
        return out.toString();
    }
}
