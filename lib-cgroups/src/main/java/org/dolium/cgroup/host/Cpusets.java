// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;

/// A new cpuset of cgroup v1 has no processors and no memory nodes, and takes no process until it has some.
final class Cpusets {
    private Cpusets() {}

    /// Gives a group what its parent has.
    static void inherit(CgroupDirectory parent, CgroupDirectory group) throws ErrnoException {
        for (String file : new String[] {"cpuset.cpus", "cpuset.mems"}) {
            if (group.read(file).isBlank()) {
                group.write(file, parent.read(file).trim());
            }
        }
    }
}
