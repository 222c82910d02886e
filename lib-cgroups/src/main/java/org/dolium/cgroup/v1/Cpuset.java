// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The cpuset controller of cgroup v1.
final class Cpuset {
    private Cpuset() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.CpusetCpus cpus = limits.find(Limit.CpusetCpus.class);
        if (cpus != null) {
            settings.add(new Setting(cpus, "cpuset.cpus", cpus.cpus().toString()));
        }
        Limit.CpusetMems mems = limits.find(Limit.CpusetMems.class);
        if (mems != null) {
            settings.add(new Setting(mems, "cpuset.mems", mems.nodes().toString()));
        }
    }
}
