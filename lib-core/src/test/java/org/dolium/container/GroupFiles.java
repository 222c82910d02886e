// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.host.CgroupSituation;
import org.jspecify.annotations.Nullable;

/// The cgroup of a process as the host sees it, whichever version it is.
final class GroupFiles {
    /// Whether limits are in cgroup v2 here.
    static final boolean UNIFIED = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));

    private GroupFiles() {}

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
