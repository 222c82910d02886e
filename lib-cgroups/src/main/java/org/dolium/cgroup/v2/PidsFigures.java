// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.Map;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;

/// What cgroup v2 tells about the number of tasks.
final class PidsFigures {
    private PidsFigures() {}

    static Stats.Pids of(Map<String, String> files) {
        return new Stats.Pids(
                Figures.optional(files.get("pids.current")),
                Figures.optional(files.get("pids.max")),
                Figures.field(files.get("pids.events"), "max", 1));
    }
}
