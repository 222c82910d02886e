// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Where a process is in the unified hierarchy.
final class ProcessCgroup {
    private static final String UNIFIED = "0::";
    private static final String DELETED = " (deleted)";

    private ProcessCgroup() {}

    /// The path as seen from the JVM's cgroup namespace, or empty if the process has ended.
    static String of(long pid) throws IOException {
        try {
            return parse(Files.readString(Path.of("/proc/" + pid + "/cgroup")));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /// Reads /proc/PID/cgroup; see cgroups(7). A cgroup that is gone is none.
    static String parse(String text) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(UNIFIED)) {
                return line.endsWith(DELETED) ? "" : line.substring(UNIFIED.length());
            }
        }
        return "";
    }
}
