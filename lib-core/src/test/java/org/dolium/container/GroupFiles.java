// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.host.CgroupSituation;
import org.jspecify.annotations.Nullable;

/// The cgroup of a process as the host sees it, whichever version it is.
final class GroupFiles {
    /// Whether limits are in cgroup v2 here.
    static final boolean UNIFIED = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));

    private static final int DEEPEST = 9;
    private static final Set<String> UNITS = Set.of(".slice", ".service", ".scope", ".mount", ".socket");

    private GroupFiles() {}

    /// All cgroups of the host whose name is such a one.
    static List<Path> find(Predicate<String> is) {
        List<Path> found = new ArrayList<>();
        find(new File("/sys/fs/cgroup"), is, DEEPEST, found);
        return found;
    }

    private static void find(File directory, Predicate<String> is, int depth, List<Path> found) {
        String[] names = depth == 0 ? null : directory.list();
        for (int i = 0; names != null && i < names.length; i++) {
            File child = new File(directory, names[i]);
            if (mayBeGroup(names[i]) && is.test(names[i]) && child.isDirectory()) {
                found.add(child.toPath());
            }
            if (mayBeGroup(names[i])) {
                find(child, is, depth - 1, found);
            }
        }
    }

    /// Most of what is in a cgroup are its files, and to ask the kernel about each takes seconds in an emulated machine.
    private static boolean mayBeGroup(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? !name.equals("tasks") && !name.equals("notify_on_release") : UNITS.contains(name.substring(dot));
    }

    /// The directory of a container with the files of a controller.
    static Path of(Container container, Controller controller) throws IOException {
        return of(container.pid(), controller);
    }

    static Path of(long pid, Controller controller) throws IOException {
        Path found = directory(pid, UNIFIED ? null : controller);
        return found.getFileName().toString().equals("inner") ? found.getParent() : found;
    }

    /// The directory of cgroup v2 of a container, which also a machine with cgroup v1 may have.
    static Path unified(Container container) throws IOException {
        return directory(container.pid(), null);
    }

    /// @param controller of cgroup v1, or null for v2
    static Path directory(long pid, @Nullable Controller controller) throws IOException {
        String memberships = Files.readString(Path.of("/proc", Long.toString(pid), "cgroup"));
        for (CgroupMount mount : CgroupMount.parse(Files.readString(Path.of("/proc/self/mountinfo")))) {
            if (controller == null ? mount.unified() : mount.has(controller)) {
                String path = controller == null
                        ? CgroupSituation.unifiedPath(memberships)
                        : CgroupSituation.legacyPath(memberships, controller);
                return Path.of(mount.locate(path));
            }
        }
        throw new AssertionError("no cgroup of " + controller + " in " + memberships);
    }

    /// A value, in the words of cgroup v1 or of v2.
    static String read(Container container, Controller controller, String legacyFile, String unifiedFile)
            throws IOException {
        return Files.readString(of(container, controller).resolve(UNIFIED ? unifiedFile : legacyFile)).trim();
    }

    /// Processor time so far in nanoseconds.
    static long cpuNanos(Container container) throws IOException {
        if (!UNIFIED) {
            return Long.parseLong(read(container, Controller.CPUACCT, "cpuacct.usage", ""));
        }
        String stat = Files.readString(unified(container).resolve("cpu.stat"));
        return 1000 * Long.parseLong(stat.lines()
                .filter(line -> line.startsWith("usage_usec "))
                .findFirst()
                .orElseThrow()
                .substring("usage_usec ".length()));
    }
}
