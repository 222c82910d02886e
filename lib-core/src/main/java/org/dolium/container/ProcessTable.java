// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// Reads the processes of a container from the host's /proc. Nothing in the container is asked, and everything is bounded.
final class ProcessTable {
    private static final int LONGEST = 4096;
    private static final long NANOS_OF_TICK = 10_000_000; // USER_HZ is 100 on both processors
    /// Who forks on and on could be followed for ever.
    private static final int MOST_DESCENDANTS = 1 << 16;
    /// A process can have 65,536 groups, which stand before its memory.
    private static final int LONGEST_STATUS = 1 << 20;

    private ProcessTable() {}

    /// Asked twice who is in it: a number that was given to somebody else meanwhile is not told.
    ///
    /// @param roots the pids to begin with where there is no group
    static List<RunningProcess> of(Group group, List<Long> roots, int most) throws IOException {
        List<Long> pids = members(group, roots, most);
        List<RunningProcess> found = new ArrayList<>(pids.size());
        for (int i = 0; i < pids.size(); i++) {
            RunningProcess process = read(pids.get(i));
            if (process != null) {
                found.add(process);
            }
        }
        int bound = group.cgroup() != null ? Integer.MAX_VALUE : Math.max(most, MOST_DESCENDANTS);
        Set<Long> still = new HashSet<>(members(group, roots, bound));
        List<RunningProcess> certain = new ArrayList<>(found.size());
        for (int i = 0; i < found.size(); i++) {
            if (still.contains(found.get(i).pid())) {
                certain.add(found.get(i));
            }
        }
        return List.copyOf(certain);
    }

    private static List<Long> members(Group group, List<Long> roots, int most) throws IOException {
        return group.cgroup() != null ? group.required().processes(most) : descendants(roots, most);
    }

    private static List<Long> descendants(List<Long> roots, int most) {
        List<Long> pids = new ArrayList<>(roots);
        Set<Long> known = new HashSet<>(roots);
        for (int i = 0; i < pids.size() && pids.size() < most; i++) {
            String[] threads = Path.of("/proc/" + pids.get(i) + "/task").toFile().list();
            for (int t = 0; threads != null && t < threads.length; t++) {
                StringTokenizer children =
                        new StringTokenizer(text(head("/proc/" + pids.get(i) + "/task/" + threads[t] + "/children", 1 << 20)));
                while (children.hasMoreTokens()) {
                    long child = Long.parseLong(children.nextToken());
                    if (known.add(child)) {
                        pids.add(child);
                    }
                }
            }
        }
        return pids.subList(0, Math.min(pids.size(), most));
    }

    /// Null if it has ended.
    private static @Nullable RunningProcess read(long pid) {
        String stat = text(head("/proc/" + pid + "/stat", LONGEST));
        int close = stat.lastIndexOf(')'); // the name before it can have one, and what comes after it can't
        if (close < 0 || close + 2 >= stat.length()) {
            return null;
        }
        String[] fields = stat.substring(close + 2).trim().split(" ", -1);
        byte[] command = head("/proc/" + pid + "/cmdline", LONGEST);
        command = withoutEnd(command, '\0');
        for (int i = 0; i < command.length; i++) {
            command[i] = command[i] == 0 ? (byte) ' ' : command[i];
        }
        Duration time = Duration.ofNanos((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_OF_TICK);
        String status = text(head("/proc/" + pid + "/status", LONGEST_STATUS));
        return new RunningProcess(
                pid, Long.parseLong(fields[1]), field(status, "Uid", -1), fields[0].charAt(0), time, field(status, "VmRSS", 0) << 10,
                escaped(withoutEnd(head("/proc/" + pid + "/comm", LONGEST), '\n')),
                escaped(command));
    }

    private static byte[] withoutEnd(byte[] bytes, char end) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == end) {
            length--;
        }
        return Arrays.copyOf(bytes, length);
    }

    /// The first number of a line of /proc/PID/status; see proc_pid_status(5).
    private static long field(String status, String name, long otherwise) {
        int at = status.indexOf("\n" + name + ":\t"); // the kernel escapes line ends in the name
        return at < 0 ? otherwise : Long.parseLong(new StringTokenizer(status.substring(at + name.length() + 3)).nextToken());
    }

    private static String escaped(byte[] bytes) {
        String quoted = Quoting.quote(bytes);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] head(String file, int most) {
        try (FileInputStream in = new FileInputStream(file)) {
            return in.readNBytes(most);
        } catch (IOException e) {
            return new byte[0]; // it has ended
        }
    }
}
