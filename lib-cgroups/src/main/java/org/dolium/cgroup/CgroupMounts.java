// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.util.ArrayList;
import java.util.List;

/// The cgroup hierarchies that are mounted, read from the text of /proc/self/mountinfo; see cgroups(7) and proc(5).
///
/// @param unified mount points of cgroup v2
/// @param legacy mount points of cgroup v1
public record CgroupMounts(List<String> unified, List<String> legacy) {
    private static final int ROOT_FIELD = 3;
    private static final int MOUNT_POINT_FIELD = 4;

    public CgroupMounts {
        unified = List.copyOf(unified);
        legacy = List.copyOf(legacy);
    }

    /// Reads the mount table.
    public static CgroupMounts parse(String mountinfo) {
        List<String> unified = new ArrayList<>();
        List<String> legacy = new ArrayList<>();
        for (String line : mountinfo.split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            int dash = List.of(fields).indexOf("-");
            if (dash > MOUNT_POINT_FIELD && dash + 1 < fields.length && !fields[ROOT_FIELD].isEmpty()) {
                if (fields[dash + 1].equals("cgroup2")) {
                    unified.add(unescaped(fields[MOUNT_POINT_FIELD]));
                } else if (fields[dash + 1].equals("cgroup")) {
                    legacy.add(unescaped(fields[MOUNT_POINT_FIELD]));
                }
            }
        }
        return new CgroupMounts(unified, legacy);
    }

    /// A path as it is: the kernel writes blanks and backslashes as three octal digits.
    private static String unescaped(String field) {
        StringBuilder path = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            int code = field.charAt(i) == '\\' ? octal(field, i + 1) : -1;
            path.append(code < 0 ? field.charAt(i) : (char) code);
            i += code < 0 ? 0 : 3;
        }
        return path.toString();
    }

    /// The number that three octal digits are, or -1.
    private static int octal(String field, int at) {
        int value = 0;
        for (int i = at; i < at + 3; i++) {
            int digit = i < field.length() ? field.charAt(i) - '0' : -1;
            if (digit < 0 || digit > 7) {
                return -1;
            }
            value = 8 * value + digit;
        }
        return value;
    }

    /// Whether both versions are mounted.
    public boolean hybrid() {
        return !unified.isEmpty() && !legacy.isEmpty();
    }
}
