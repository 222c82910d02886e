// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Reads the limits that are in force for a process out of the files of its cgroup and of all those above.
final class CgroupReading {
    private final String memberships;
    private final List<CgroupMount> mounts;
    private long memory = -1;
    private long swap = -1;
    private long processes = -1;
    private double cpus = -1;

    private CgroupReading(String memberships, List<CgroupMount> mounts) {
        this.memberships = memberships;
        this.mounts = mounts;
    }

    /// @param memberships the process's /proc/PID/cgroup
    /// @param mounts the cgroup file systems that this JVM sees
    static @Nullable CgroupState read(String memberships, List<CgroupMount> mounts) {
        String path = path(memberships);
        if (path.isEmpty()) {
            return null;
        }
        CgroupReading reading = new CgroupReading(memberships, mounts);
        reading.addAll();
        return new CgroupState(
                ProcText.printable(path, false), reading.memory, reading.swap, reading.processes, reading.cpus);
    }

    /// The path in the hierarchy that limits processes, or an empty text.
    static String path(String memberships) {
        String legacy = membership(memberships, "pids");
        return legacy.isEmpty() ? membership(memberships, "") : legacy;
    }

    /// The path in the hierarchy of a controller of cgroup v1, or of v2 if that is empty.
    static String membership(String memberships, String controller) {
        for (String line : memberships.split("\n", -1)) {
            int first = line.indexOf(':');
            int second = line.indexOf(':', first + 1);
            if (first > 0 && second > 0
                    && List.of(line.substring(first + 1, second).split(",", -1)).contains(controller)) {
                return line.substring(second + 1);
            }
        }
        return "";
    }

    private void addAll() {
        for (int i = 0; i < mounts.size(); i++) {
            CgroupMount mount = mounts.get(i);
            for (String controller : mount.unified() ? List.of("") : mount.options()) {
                String path = membership(memberships, controller);
                String place = path.isEmpty() ? "" : mount.locate(path);
                while (place.length() >= mount.mountPoint().length()) {
                    add(place, controller);
                    place = place.substring(0, Math.max(0, place.lastIndexOf('/')));
                }
            }
        }
    }

    private void add(String place, String controller) {
        switch (controller) {
            case "" -> {
                memory = tighter(memory, value(place, "memory.max"));
                swap = tighter(swap, value(place, "memory.swap.max"));
                processes = tighter(processes, value(place, "pids.max"));
                cpus(ProcText.numbers(text(place, "cpu.max")));
            }
            case "memory" -> {
                memory = tighter(memory, value(place, "memory.limit_in_bytes"));
                swap = tighter(swap, value(place, "memory.memsw.limit_in_bytes"));
            }
            case "pids" -> processes = tighter(processes, value(place, "pids.max"));
            case "cpu" -> cpus(ProcText.numbers(text(place, "cpu.cfs_quota_us") + " " + text(place, "cpu.cfs_period_us")));
            default -> { }
        }
    }

    private void cpus(List<Long> quotaAndPeriod) {
        if (quotaAndPeriod.size() == 2 && quotaAndPeriod.get(1) > 0) {
            double allowed = (double) quotaAndPeriod.get(0) / quotaAndPeriod.get(1);
            cpus = cpus < 0 ? allowed : Math.min(cpus, allowed);
        }
    }

    private static long tighter(long known, long other) {
        return known < 0 || other >= 0 && other < known ? other : known;
    }

    /// The number in a file, or -1: also for one of 19 digits, which is how cgroup v1 writes "no limit".
    private static long value(String place, String file) {
        return ProcText.number(text(place, file));
    }

    private static String text(String place, String file) {
        try {
            return CgroupDirectory.readPath(place + "/" + file).trim();
        } catch (ErrnoException e) {
            return ""; // the root has no limits, and not every group has every controller
        }
    }
}
