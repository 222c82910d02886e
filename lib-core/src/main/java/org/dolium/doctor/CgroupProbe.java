// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.remedy.HostFiles;

/// Looks at this machine's cgroups.
final class CgroupProbe {
    private CgroupProbe() {}

    static CgroupEvidence read(HostFiles files) {
        List<String> unified = new ArrayList<>();
        List<String> legacy = new ArrayList<>();
        for (CgroupMount mount : CgroupMount.parse(files.text("/proc/self/mountinfo"))) {
            (mount.unified() ? unified : legacy).add(mount.mountPoint());
        }
        if (legacy.isEmpty()) {
            return unified.isEmpty()
                    ? new CgroupEvidence("none", List.of(), false, "no cgroup file system is mounted", "mount cgroup2 at /sys/fs/cgroup")
                    : new CgroupEvidence("v2", List.of(), writable(unified.get(0)), "", "");
        }
        List<String> controllers = new ArrayList<>();
        boolean writable = true;
        for (String mount : legacy) {
            controllers.add(mount.substring(mount.lastIndexOf('/') + 1));
            writable &= writable(mount);
        }
        return new CgroupEvidence(
                !unified.isEmpty() ? "v1 (hybrid)" : "v1", controllers, writable,
                writable ? "" : "cgroup v1 can't be delegated to users",
                writable ? "" : "boot with systemd.unified_cgroup_hierarchy=1 (systemd up to 257), or run as root");
    }

    private static boolean writable(String directory) {
        return new File(directory).canWrite();
    }
}
