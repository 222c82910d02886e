// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.device.AttachedProgram;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Asks which devices the cgroups of a process let it use. The rules themselves can be had of cgroup v1 only; of cgroup v2,
/// and only by who may ask, how many programs decide.
final class DeviceListReading {
    private static final int O_DIRECTORY_CLOEXEC = 0x80000;

    private DeviceListReading() {}

    /// The rules; `all` where there is nothing that limits them; null if that may not be known.
    static @Nullable String read(String memberships, List<CgroupMount> mounts) {
        String list = "all";
        for (int i = 0; i < mounts.size(); i++) {
            CgroupMount mount = mounts.get(i);
            if (!mount.unified() && !mount.options().contains("devices")) {
                continue;
            }
            String path = CgroupReading.membership(memberships, mount.unified() ? "" : "devices");
            String found = path.isEmpty() ? "all" : mount.unified() ? programs(mount.locate(path)) : rules(mount.locate(path));
            if (found == null) {
                return null;
            }
            list = found.equals("all") ? list : list.equals("all") ? found : list + "; " + found;
        }
        return list;
    }

    private static @Nullable String rules(String place) {
        try {
            String rules = ProcText.printable(CgroupDirectory.readPath(place + "/devices.list").strip().replace("\n", ", "), false);
            return rules.equals("a *:* rwm") ? "all" : rules.isEmpty() ? "none" : rules;
        } catch (ErrnoException e) {
            return null;
        }
    }

    private static @Nullable String programs(String place) {
        try (Fd directory = Fd.open(place, O_DIRECTORY_CLOEXEC, 0)) {
            int count = AttachedProgram.count(directory);
            return count < 0 ? null : count == 0 ? "all" : count == 1 ? "1 eBPF program decides" : count + " eBPF programs decide";
        } catch (ErrnoException e) {
            return null;
        }
    }
}
