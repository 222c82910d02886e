// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;
import org.jspecify.annotations.Nullable;

/// What cgroup v2 tells about processor time, in microseconds.
final class CpuFigures {
    private static final long NANOS = 1000;

    private CpuFigures() {}

    static Stats.Cpu of(@Nullable String stat) {
        return new Stats.Cpu(
                Figures.field(stat, "usage_usec", NANOS),
                Figures.field(stat, "user_usec", NANOS),
                Figures.field(stat, "system_usec", NANOS),
                Figures.field(stat, "nr_periods", 1),
                Figures.field(stat, "nr_throttled", 1),
                Figures.field(stat, "throttled_usec", NANOS));
    }
}
