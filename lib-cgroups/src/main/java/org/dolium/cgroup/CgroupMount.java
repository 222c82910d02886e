// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.util.ArrayList;
import java.util.List;

/// A mounted cgroup hierarchy, as a line of /proc/self/mountinfo tells it; see proc(5) and cgroups(7).
///
/// @param mountPoint where it is mounted
/// @param root which of its directories is seen there
/// @param unified whether it is cgroup v2
/// @param readOnly whether the mount or the file system is read-only
/// @param options the file system's options: for cgroup v1 its controllers are among them
public record CgroupMount(String mountPoint, String root, boolean unified, boolean readOnly, List<String> options) {
    private static final int ROOT_FIELD = 3;
    private static final int MOUNT_POINT_FIELD = 4;
    private static final int OPTIONS_FIELD = 5;

    public CgroupMount {
        options = List.copyOf(options);
    }

    /// The cgroup file systems in the text of /proc/self/mountinfo.
    public static List<CgroupMount> parse(String mountinfo) {
        List<CgroupMount> mounts = new ArrayList<>();
        for (String line : mountinfo.split("\n", -1)) {
            if (line.contains(" - cgroup")) {
                parseLine(line, mounts);
            }
        }
        return mounts;
    }

    private static void parseLine(String line, List<CgroupMount> mounts) {
        List<String> fields = List.of(line.split(" ", -1));
        int dash = fields.indexOf("-");
        if (dash <= OPTIONS_FIELD || dash + 3 >= fields.size()) {
            return;
        }
        String type = fields.get(dash + 1);
        if (!type.equals("cgroup") && !type.equals("cgroup2")) {
            return;
        }
        List<String> options = List.of(fields.get(dash + 3).split(",", -1));
        boolean readOnly = options.contains("ro")
                || List.of(fields.get(OPTIONS_FIELD).split(",", -1)).contains("ro");
        mounts.add(new CgroupMount(
                unescaped(fields.get(MOUNT_POINT_FIELD)), unescaped(fields.get(ROOT_FIELD)), type.equals("cgroup2"),
                readOnly, options));
    }

    /// Whether this cgroup v1 hierarchy has a controller.
    public boolean has(Controller controller) {
        return !unified && !controller.legacy().isEmpty() && options.contains(controller.legacy());
    }

    /// Where a cgroup of this hierarchy is, by its path in /proc/self/cgroup, or an empty text if it can't be seen in
    /// this mount: it is outside of the mount's root or of the cgroup namespace.
    public String locate(String path) {
        if (path.startsWith("/..") || root.startsWith("/..")) {
            return "";
        }
        if (root.equals("/")) {
            return path.equals("/") ? mountPoint : mountPoint + path;
        }
        if (path.equals(root)) {
            return mountPoint;
        }
        return path.startsWith(root + "/") ? mountPoint + path.substring(root.length()) : "";
    }

    /// A path as it is: the kernel writes blanks and backslashes as three octal digits.
    private static String unescaped(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
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
}
