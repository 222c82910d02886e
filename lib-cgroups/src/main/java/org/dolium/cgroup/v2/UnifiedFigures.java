// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Stats;

/// The files of cgroup v2 as figures.
public final class UnifiedFigures {
    /// What to read for [#of].
    public static final List<String> FILES = List.of(
            "cpu.stat", "memory.current", "memory.peak", "memory.max", "memory.swap.current", "memory.stat",
            "memory.events", "pids.current", "pids.max", "pids.events", "io.stat", PressureFigures.FILES[0],
            PressureFigures.FILES[1], PressureFigures.FILES[2]);

    private UnifiedFigures() {}

    /// @param files texts by the name of the file; those that are not there are absent
    public static Stats of(Instant at, Map<String, String> files, List<Stats.Traffic> network) {
        return new Stats(
                at, CpuFigures.of(files.get("cpu.stat")), MemoryFigures.of(files), PidsFigures.of(files),
                IoFigures.of(files.get("io.stat")), network, PressureFigures.of(files));
    }
}
