// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// What a cpuset of cgroup v2 came to.
final class EffectiveSet {
    private EffectiveSet() {}

    /// The set in force if it is not within the one that was asked for, else null.
    static @Nullable String otherThan(Limit limit, CgroupDirectory group) throws ErrnoException {
        if (limit instanceof Limit.CpusetCpus cpus) {
            return otherThan(cpus.cpus(), group.readIfThere("cpuset.cpus.effective"));
        }
        if (limit instanceof Limit.CpusetMems mems) {
            return otherThan(mems.nodes(), group.readIfThere("cpuset.mems.effective"));
        }
        return null;
    }

    private static @Nullable String otherThan(CpuSet wanted, @Nullable String effective) {
        if (effective == null || effective.isBlank()) {
            return null;
        }
        return wanted.containsAll(CpuSet.parse(effective.trim())) ? null : effective.trim();
    }
}
