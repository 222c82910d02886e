// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The pids controller of cgroup v1.
final class Pids {
    private Pids() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.PidsMax max = limits.find(Limit.PidsMax.class);
        if (max != null) {
            String count = max.count() == Limit.UNLIMITED ? "max" : Long.toString(max.count());
            settings.add(new Setting(max, "pids.max", count));
        }
    }
}
