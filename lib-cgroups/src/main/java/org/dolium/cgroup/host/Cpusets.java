// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Setting;
import org.dolium.linux.ErrnoException;

/// A new cpuset of cgroup v1 has no processors and no memory nodes, and takes no process until it has some. What it has must
/// always be among what its parent has.
final class Cpusets {
    private static final List<String> FILES = List.of("cpuset.cpus", "cpuset.mems");

    private Cpusets() {}

    /// Gives a group what its parent has.
    static void inherit(CgroupDirectory parent, CgroupDirectory group) throws ErrnoException {
        for (int i = 0; i < FILES.size(); i++) {
            if (group.read(FILES.get(i)).isBlank()) {
                group.write(FILES.get(i), parent.read(FILES.get(i)).trim());
            }
        }
    }

    /// Gives a child what its parent has now.
    static void copy(CgroupDirectory parent, CgroupDirectory child) throws ErrnoException {
        for (int i = 0; i < FILES.size(); i++) {
            child.write(FILES.get(i), parent.read(FILES.get(i)).trim());
        }
    }

    /// Gives a child what its parent will have, as far as it can have it before.
    static void narrow(CgroupDirectory child, List<Setting> settings) {
        for (int i = 0; i < settings.size(); i++) {
            if (settings.get(i).controller() == Controller.CPUSET) {
                try {
                    child.write(settings.get(i).file(), settings.get(i).value());
                } catch (ErrnoException e) {
                    // the parent has less than that so far
                }
            }
        }
    }
}
