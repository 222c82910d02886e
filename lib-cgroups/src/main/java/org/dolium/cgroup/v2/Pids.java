// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The pids controller of cgroup v2.
final class Pids {
    private Pids() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.PidsMax max = limits.find(Limit.PidsMax.class);
        if (max != null) {
            settings.add(new Setting(max, "pids.max", UnifiedSettings.amount(max.count())));
        }
    }
}
