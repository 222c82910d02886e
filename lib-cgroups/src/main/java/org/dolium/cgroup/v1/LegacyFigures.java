// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Stats;

/// The files of cgroup v1 as figures.
public final class LegacyFigures {
    private LegacyFigures() {}

    /// What to read for [#of] in the hierarchy of a controller.
    public static List<String> files(Controller controller) {
        return switch (controller) {
            case CPU -> List.of("cpu.stat");
            case CPUACCT -> List.of("cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys");
            case MEMORY -> List.of(
                    "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.limit_in_bytes", "memory.stat",
                    "memory.failcnt", "memory.memsw.failcnt", "memory.oom_control", "memory.kmem.usage_in_bytes");
            case PIDS -> List.of("pids.current", "pids.max", "pids.events");
            case IO -> List.of(IoFigures.BYTES, IoFigures.OPERATIONS);
            case CPUSET, HUGETLB, RDMA, MISC, DMEM, DEVICES, FREEZER -> List.of();
        };
    }

    /// @param files texts by the name of the file; those that are not there are absent
    /// @param pressure from a cgroup v2 beside those of v1, if there is one
    public static Stats of(
            Instant at, Map<String, String> files, List<Stats.Traffic> network, Stats.Pressures pressure) {
        return new Stats(
                at, CpuFigures.of(files), MemoryFigures.of(files), PidsFigures.of(files), IoFigures.of(files), network,
                pressure);
    }
}
