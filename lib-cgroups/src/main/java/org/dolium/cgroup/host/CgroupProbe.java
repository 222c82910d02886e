// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.host.Host;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;

/// Looks at this machine's cgroups.
final class CgroupProbe {
    private static final String[] LIMITS = {"memory.max", "memory.high", "cpu.max", "pids.max"};

    private CgroupProbe() {}

    static CgroupSituation probe(Host host) throws IOException {
        return probe(host, "/proc/self/cgroup");
    }

    /// As if this JVM were where another process is.
    static CgroupSituation of(Host host, long pid) throws IOException {
        return probe(host, "/proc/" + pid + "/cgroup");
    }

    private static CgroupSituation probe(Host host, String cgroup) throws IOException {
        List<CgroupMount> mounts = CgroupMount.parse(CgroupDirectory.readPath("/proc/self/mountinfo"));
        String memberships = mounts.isEmpty() ? "" : CgroupDirectory.readPath(cgroup); // a kernel may have none
        CgroupMount unified = null;
        for (CgroupMount mount : mounts) {
            unified = unified == null && mount.unified() ? mount : unified;
        }
        String own = unified == null ? "" : unified.locate(CgroupSituation.unifiedPath(memberships));
        String parent = unified == null || own.isEmpty() || own.equals(unified.mountPoint())
                ? ""
                : own.substring(0, own.lastIndexOf('/'));
        boolean systemd = new File("/run/systemd/system").isDirectory();
        CgroupSituation.Directory ownDirectory = directory(own);
        boolean privileged = host.privileged() && host.initialUserNamespace();
        boolean manager = false;
        if (systemd && !privileged && !ownDirectory.controllers().isEmpty()) { // else it would not be asked
            manager = UserManager.answers(host.uid());
            if (manager && ownDirectory.writable() && !ownDirectory.delegated()) {
                ownDirectory = ownDirectory.delegated(UserManager.delegatesToThis(host.uid()));
            }
        }
        return new CgroupSituation(
                mounts, memberships, host.uid(), privileged, systemd, manager, ownDirectory, directory(parent),
                legacyWritable(mounts, memberships));
    }

    private static CgroupSituation.Directory directory(String path) throws IOException {
        if (path.isEmpty() || !new File(path).isDirectory()) {
            return CgroupSituation.Directory.UNSEEN;
        }
        boolean writable = writable(path) && writable(path + "/cgroup.procs") && writable(path + "/cgroup.subtree_control");
        boolean root = !new File(path, "cgroup.type").exists();
        return new CgroupSituation.Directory(
                path, CgroupDirectory.readPath(path + "/cgroup.controllers").trim(), writable, delegated(path), root,
                limited(path));
    }

    private static boolean limited(String path) throws IOException {
        for (String file : LIMITS) {
            String name = path + "/" + file;
            if (new File(name).exists() && !CgroupDirectory.readPath(name).startsWith("max")) {
                return true;
            }
        }
        return false;
    }

    private static boolean writable(String path) {
        return new File(path).canWrite();
    }

    /// systemd's system manager marks what it delegates with the attribute `user.delegate`; see getxattr(2).
    private static boolean delegated(String path) {
        try (Arena arena = Arena.ofConfined()) {
            Memory value = Memory.allocate(arena, 16);
            long n = Kernel.call(
                    Sys.GETXATTR, text(arena, path).address(), text(arena, "user.delegate").address(), value.address(), 16);
            return n == 1 && value.head(1)[0] == '1';
        }
    }

    private static Memory text(Arena arena, String text) {
        return Memory.copy(arena, Arg.terminated(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Controller> legacyWritable(List<CgroupMount> mounts, String memberships) {
        List<Controller> writable = new ArrayList<>();
        for (CgroupMount mount : mounts) {
            for (Controller controller : Controller.values()) {
                if (mount.has(controller) && !mount.readOnly()) {
                    String path = mount.locate(CgroupSituation.legacyPath(memberships, controller));
                    if (!path.isEmpty() && writable(path) && writable(path + "/cgroup.procs")) {
                        writable.add(controller);
                    }
                }
            }
        }
        return writable;
    }
}
