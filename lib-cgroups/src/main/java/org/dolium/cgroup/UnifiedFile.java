// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import org.dolium.linux.Quoting;

/// Which files of cgroup v2 a caller may name: those of controllers, never the `cgroup.` ones, which move, freeze and
/// kill.
final class UnifiedFile {
    private static final int LONGEST_FILE = 64;
    private static final int LONGEST_VALUE = 4096;

    private UnifiedFile() {}

    static void check(String file, String value) {
        int dot = file.indexOf('.');
        if (dot < 0 || Controller.ofUnified(file.substring(0, dot)) == null || !named(file)) {
            throw new IllegalArgumentException("cgroup file " + Quoting.quote(file.substring(0, Math.min(file.length(), LONGEST_FILE)))
                    + " is not one of the controllers memory, cpu, io, cpuset, pids, hugetlb, rdma, misc, dmem");
        }
        if (value.isEmpty() || value.length() > LONGEST_VALUE || !printable(value)) {
            throw new IllegalArgumentException(
                    "value for " + file + " is empty, longer than " + LONGEST_VALUE + " or not printable ASCII");
        }
    }

    static Controller controller(String file) {
        Controller controller = Controller.ofUnified(file.substring(0, file.indexOf('.')));
        if (controller == null) {
            throw new IllegalArgumentException("cgroup file '" + file + "' is of no controller");
        }
        return controller;
    }

    /// Letters, digits, `_` and single dots.
    private static boolean named(String file) {
        for (int i = 0; i < file.length(); i++) {
            char c = file.charAt(i);
            boolean word = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
            if (!word && (c != '.' || i + 1 == file.length() || file.charAt(i + 1) == '.')) {
                return false;
            }
        }
        return file.length() <= LONGEST_FILE;
    }

    private static boolean printable(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }
}
