// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.Map;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;

/// What the cpuacct and cpu controllers of cgroup v1 tell about processor time, in nanoseconds.
final class CpuFigures {
    private CpuFigures() {}

    static Stats.Cpu of(Map<String, String> files) {
        String throttling = files.get("cpu.stat");
        return new Stats.Cpu(
                Figures.optional(files.get("cpuacct.usage")),
                Figures.optional(files.get("cpuacct.usage_user")),
                Figures.optional(files.get("cpuacct.usage_sys")),
                Figures.field(throttling, "nr_periods", 1),
                Figures.field(throttling, "nr_throttled", 1),
                Figures.field(throttling, "throttled_time", 1));
    }
}
