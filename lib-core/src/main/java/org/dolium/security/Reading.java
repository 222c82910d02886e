// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.namespace.NamespaceKind;
import org.jspecify.annotations.Nullable;

/// Reads what a report is made of. Everything comes from the kernel by one held directory of /proc; of the process's own
/// files nothing is opened, so it has no way to delay the reader or to lie.
final class Reading {
    /// As many groups as the kernel allows fit in.
    private static final int MOST_STATUS = 1 << 20;
    private static final int MOST_MOUNTS = 4 << 20;
    private static final int MOST = 1 << 16;

    private Reading() {}

    static SecurityReport of(long pid) throws IOException {
        long own = ProcessHandle.current().pid();
        try (ProcDirectory process = ProcDirectory.open(pid);
                ProcDirectory self = ProcDirectory.open(own)) {
            SecurityReport report = new SecurityReport(read(pid, process, self));
            if (!process.alive()) {
                throw new IOException("process " + pid + " has ended");
            }
            return report;
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ESRCH)) {
                throw new IOException("process " + pid + " has ended", e);
            }
            throw e;
        }
    }

    private static Evidence read(long pid, ProcDirectory process, ProcDirectory self) throws IOException {
        String status = process.read("status", MOST_STATUS);
        checkRuns(pid, status);
        long[] namespaces = process.namespaces();
        if (namespaces[NamespaceKind.MOUNT.ordinal()] == 0) {
            throw new IOException("this user may not look at process " + pid + ": it belongs to another user, or has"
                    + " capabilities that this JVM has not");
        }
        String ownMounts = self.read("mountinfo", MOST_MOUNTS);
        List<CgroupMount> hierarchies = CgroupMount.parse(ownMounts);
        String memberships = hierarchies.isEmpty() ? "" : process.read("cgroup", MOST);
        String ownMemberships = hierarchies.isEmpty() ? "" : self.read("cgroup", MOST);
        try (Fd dev = DeviceNodes.open(process)) {
            String mounts = process.read("mountinfo", MOST_MOUNTS);
            boolean cut = process.wasCut();
            return new Evidence(
                    pid, status, process.read("uid_map", MOST), process.read("gid_map", MOST), mounts, cut,
                    process.read("limits", MOST), process.read("oom_score_adj", MOST), label(process), namespaces,
                    self.namespaces(), first(), ownMounts, CgroupReading.read(memberships, hierarchies),
                    !CgroupReading.path(memberships).equals(CgroupReading.path(ownMemberships)),
                    DeviceListReading.read(memberships, hierarchies),
                    dev == null ? null : DeviceNodes.list(dev, ProcText.mounts(mounts)), hostPaths());
        }
    }

    private static void checkRuns(long pid, String status) throws IOException {
        String state = ProcText.field(status, "State");
        if (state != null && (state.startsWith("Z") || state.startsWith("X"))) {
            throw new IOException("process " + pid + " has ended");
        }
    }

    private static @Nullable String label(ProcDirectory process) {
        try {
            String label = process.read("attr/current", MOST);
            return label.isBlank() ? null : label;
        } catch (ErrnoException e) {
            return null; // EINVAL: there is no module that has labels
        }
    }

    /// The namespaces of process 1; nothing where they may not be seen, or there is no such process.
    private static long[] first() {
        try (ProcDirectory first = ProcDirectory.open(1)) {
            return first.namespaces();
        } catch (IOException e) {
            return new long[NamespaceKind.values().length];
        }
    }

    private static List<String> hostPaths() {
        List<String> paths = new ArrayList<>(Weaknesses.PROTECTED.files());
        paths.addAll(Weaknesses.PROTECTED.directories());
        paths.addAll(Weaknesses.PROTECTED.readOnly());
        for (int i = paths.size() - 1; i >= 0; i--) {
            if (!new File(paths.get(i)).exists()) {
                paths.remove(i);
            }
        }
        return paths;
    }
}
