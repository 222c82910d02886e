// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerLayers;
import org.dolium.container.DetachedContainer;
import org.jspecify.annotations.Nullable;

/// Finds a container of any JVM by its name: that of its cgroup, directly below the group of a JVM.
final class ContainerName {
    private static final String GROUP_OF_A_JVM = "/dolium-";

    private ContainerName() {}

    /// The pid of the first process of the container.
    ///
    /// @param wanted a pid, the name or id of a detached container, or the name of another
    static long pid(String wanted, StateOptions state) throws IOException {
        if (wanted.matches("[0-9]{1,10}")) {
            return Long.parseLong(wanted);
        }
        DetachedContainer detached = detached(wanted, state);
        if (detached != null) {
            return detached.pid().orElseThrow(() -> new IOException("container " + detached.id() + " is not running"));
        }
        List<Long> found = first(wanted);
        if (found.isEmpty()) {
            throw new IOException("no container is named '" + wanted + "', or this user may not see it");
        }
        if (found.size() > 1) {
            throw new IOException("several containers are named '" + wanted + "': their pids are " + found);
        }
        return found.get(0);
    }

    /// The directories that the root file system of a container is made of; of a detached one also after its end.
    static ContainerLayers layers(String wanted, StateOptions state) throws IOException {
        DetachedContainer detached = detached(wanted, state);
        if (detached == null) {
            return ContainerLayers.ofProcess(pid(wanted, state));
        }
        return detached.layers().orElseThrow(() -> new IOException("container " + detached.id()
                + " was not started yet, or does not keep what it writes on disk, as with dolium run --upper DIR"));
    }

    /// The detached container of this name or id, or null if there is none, or if it is a pid.
    static @Nullable DetachedContainer detached(String wanted, StateOptions state) throws IOException {
        return wanted.matches("[0-9]{1,10}") ? null : state.find(wanted);
    }

    /// The first process of each container of this name.
    private static List<Long> first(String name) throws IOException {
        List<Long> firsts = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String group = group(process, name);
                int known = groups.indexOf(group);
                long pid = Long.parseLong(process.getFileName().toString());
                if (group.isEmpty()) {
                    continue;
                }
                if (known < 0) {
                    groups.add(group);
                    firsts.add(pid);
                } else if (isFirst(process)) {
                    firsts.set(known, pid);
                }
            }
        }
        return firsts;
    }

    /// Whether it is process 1 of its pid namespace.
    private static boolean isFirst(Path process) {
        return text(process.resolve("status")).matches("(?s).*\nNSpid:[\t0-9]*\t1\n.*");
    }

    /// The directory of the JVM's group, if the process is in one of that name.
    private static String group(Path process, String name) {
        for (String line : text(process.resolve("cgroup")).split("\n", -1)) {
            String path = line.substring(line.lastIndexOf(':') + 1);
            int jvm = path.indexOf(GROUP_OF_A_JVM);
            int slash = jvm < 0 ? -1 : path.indexOf('/', jvm + 1);
            if (slash > 0 && (path.substring(slash) + "/").startsWith("/" + name + "/")) {
                return path.substring(jvm, slash);
            }
        }
        return "";
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it ended, or is somebody else's
        }
    }
}
