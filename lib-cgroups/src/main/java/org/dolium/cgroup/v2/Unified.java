// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// What the caller says in the kernel's own words.
final class Unified {
    private Unified() {}

    static void lower(Limits limits, List<Setting> settings) {
        for (int i = 0; i < limits.all().size(); i++) {
            if (limits.all().get(i).limit() instanceof Limit.Unified unified) {
                settings.add(new Setting(unified, unified.file(), unified.value()));
            }
        }
    }
}
