// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.Map;
import java.util.OptionalLong;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;

/// What cgroup v2 tells about memory, in bytes.
final class MemoryFigures {
    private MemoryFigures() {}

    static Stats.Memory of(Map<String, String> files) {
        String stat = files.get("memory.stat");
        OptionalLong current = Figures.optional(files.get("memory.current"));
        return new Stats.Memory(
                current,
                Figures.optional(files.get("memory.peak")),
                Figures.difference(current, Figures.field(stat, "inactive_file", 1)),
                Figures.optional(files.get("memory.max")),
                Figures.optional(files.get("memory.swap.current")),
                Figures.field(stat, "anon", 1),
                Figures.field(stat, "file", 1),
                Figures.field(stat, "kernel", 1),
                events(files));
    }

    private static Stats.MemoryEvents events(Map<String, String> files) {
        String events = files.get("memory.events");
        return new Stats.MemoryEvents(
                Figures.field(events, "high", 1),
                Figures.field(events, "max", 1),
                Figures.field(events, "oom", 1),
                Figures.field(events, "oom_kill", 1));
    }
}
