// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.Map;
import java.util.OptionalLong;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;
import org.jspecify.annotations.Nullable;

/// What the memory controller of cgroup v1 tells, in bytes. `total_` means with the groups below; where swap
/// is limited to nothing the limit of both is reached first.
final class MemoryFigures {
    /// The kernel counts pages up to here, whatever their size: no limit.
    private static final long MOST = Long.MAX_VALUE - 0xffff;

    private MemoryFigures() {}

    static Stats.Memory of(Map<String, String> files) {
        String stat = files.get("memory.stat");
        OptionalLong current = Figures.optional(files.get("memory.usage_in_bytes"));
        return new Stats.Memory(
                current,
                Figures.optional(files.get("memory.max_usage_in_bytes")),
                Figures.difference(current, Figures.field(stat, "total_inactive_file", 1)),
                limit(files.get("memory.limit_in_bytes")),
                Figures.field(stat, "total_swap", 1),
                Figures.field(stat, "total_rss", 1),
                Figures.field(stat, "total_cache", 1),
                Figures.optional(files.get("memory.kmem.usage_in_bytes")),
                new Stats.MemoryEvents(
                        OptionalLong.empty(),
                        Figures.sum(
                                Figures.optional(files.get("memory.failcnt")),
                                Figures.optional(files.get("memory.memsw.failcnt"))),
                        OptionalLong.empty(),
                        Figures.field(files.get("memory.oom_control"), "oom_kill", 1)));
    }

    private static OptionalLong limit(@Nullable String text) {
        long limit = Figures.number(text);
        return limit < 0 || limit >= MOST ? OptionalLong.empty() : OptionalLong.of(limit);
    }
}
