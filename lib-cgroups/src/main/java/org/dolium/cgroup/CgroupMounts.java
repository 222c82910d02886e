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
                    unified.add(fields[MOUNT_POINT_FIELD]);
                } else if (fields[dash + 1].equals("cgroup")) {
                    legacy.add(fields[MOUNT_POINT_FIELD]);
                }
            }
        }
        return new CgroupMounts(unified, legacy);
    }

    /// Whether both versions are mounted.
    public boolean hybrid() {
        return !unified.isEmpty() && !legacy.isEmpty();
    }
}
