// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;

/// Who may make groups below a container's limits: its root, with the ids that it has on the host. What limits the container is one
/// level higher and stays the JVM's; see cgroups(7), "Delegation".
public record Delegation(long uid, long gid) {
    /// What is below the limits, all levels together: each group takes the kernel's memory.
    static final int MOST_GROUPS = 4096;
    static final int MOST_LEVELS = 32;
    static final String[] FILES = {"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"};
    static final String[] CONTROLLERS = {"cpu", "io", "memory", "pids"};

    /// Lets the groups below divide what this one has.
    static void enable(CgroupDirectory limited) {
        for (int i = 0; i < CONTROLLERS.length; i++) {
            try {
                limited.write("cgroup.subtree_control", "+" + CONTROLLERS[i]);
            } catch (ErrnoException e) {
                // not here, as where controllers are in cgroup v1
            }
        }
    }

    void give(CgroupDirectory group) throws ErrnoException {
        group.give(uid, gid, FILES);
    }
}
