// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Who used how much processor time up to now, in clock ticks.
///
/// @param idle of all processors
/// @param all of all processors, busy or not
/// @param foreign by process: of those that are no kernel thread and neither this JVM nor its descendant
record CpuTime(long idle, long all, Map<String, Long> foreign) {
    private static final Path PROC = Path.of("/proc");
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8; // what follows is part of the others
    private static final int PARENT = 1; // fields after the name of the program
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int LAST_USED = 14; // user and system time, its own and of children that have ended
    private static final int START = 19;
    private static final double TICKS = 100; // a second, see proc_pid_stat(5)
    private static final String KERNEL_THREADS = "2";

    static CpuTime now() throws IOException {
        String[] words = Files.readAllLines(PROC.resolve("stat")).getFirst().split(" +");
        long all = 0;
        for (int i = 1; i <= STEAL; i++) {
            all += Long.parseLong(words[i]);
        }
        return new CpuTime(Long.parseLong(words[IDLE]) + Long.parseLong(words[IO_WAIT]), all, foreignTicks());
    }

    /// The seconds that this JVM has used, and those of its children that have ended.
    static double ownSeconds() throws IOException {
        String[] fields = fields(Path.of("/proc/self/stat"));
        long ticks = 0;
        for (int i = USER; i <= LAST_USED; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks / TICKS;
    }

    private static String[] fields(Path file) throws IOException {
        String stat = Files.readString(file);
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }

    /// The share of all processors that was used by anyone, the kernel included.
    double busyShareSince(CpuTime before) {
        return 1 - (double) (idle - before.idle) / Math.max(1, all - before.all);
    }

    /// The share of all processors that was used by other programs. One that began and ended in between is not seen.
    double foreignShareSince(CpuTime before) {
        long ticks = 0;
        for (Map.Entry<String, Long> entry : foreign.entrySet()) {
            ticks += entry.getValue() - before.foreign.getOrDefault(entry.getKey(), 0L);
        }
        return (double) ticks / Math.max(1, all - before.all);
    }

    private static Map<String, Long> foreignTicks() throws IOException {
        Set<String> ours = new HashSet<>();
        ours.add(Long.toString(ProcessHandle.current().pid()));
        ProcessHandle.current().descendants().forEach(process -> ours.add(Long.toString(process.pid())));
        Map<String, Long> ticks = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (!ours.contains(process.getFileName().toString())) {
                    add(process, ticks);
                }
            }
        }
        return ticks;
    }

    private static void add(Path process, Map<String, Long> ticks) {
        try {
            String[] fields = fields(process.resolve("stat"));
            if (!fields[PARENT].equals(KERNEL_THREADS)) {
                ticks.put(process.getFileName() + " " + fields[START],
                        Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]));
            }
        } catch (IOException e) {
            // it has ended
        }
    }
}
