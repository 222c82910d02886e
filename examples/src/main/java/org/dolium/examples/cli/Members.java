// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The processes of a container: those in the pid namespace of the first one, whoever started them, and what these started.
final class Members {
    private Members() {}

    /// @param first the pid of the first process
    /// @throws IOException if it has ended
    static Set<Long> of(long first) throws IOException {
        String namespace = namespace(first);
        if (namespace.isEmpty()) {
            throw new IOException("process " + first + " has ended, or this user may not look at it");
        }
        Map<Long, Long> parents = new HashMap<>();
        Set<Long> members = new HashSet<>(Set.of(first));
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                parents.put(pid, parent(process));
                if (namespace.equals(namespace(pid))) {
                    members.add(pid);
                }
            }
        }
        int before;
        do {
            before = members.size();
            parents.forEach((pid, parent) -> {
                if (members.contains(parent)) {
                    members.add(pid);
                }
            });
        } while (members.size() > before);
        return members;
    }

    private static String namespace(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/pid")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long parent(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[1]);
        } catch (IOException | RuntimeException e) {
            return -1; // it has ended
        }
    }
}
