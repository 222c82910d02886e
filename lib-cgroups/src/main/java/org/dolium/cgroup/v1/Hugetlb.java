// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The hugetlb controller of cgroup v1. The limit of what is promised makes mmap(2) fail; without it a page too many is met
/// with a SIGBUS.
final class Hugetlb {
    private Hugetlb() {}

    static void lower(Limits limits, List<Setting> settings) {
        for (int i = 0; i < limits.all().size(); i++) {
            if (limits.all().get(i).limit() instanceof Limit.HugetlbMax max) {
                String value = max.bytes() == Limit.UNLIMITED ? "-1" : Long.toString(max.bytes());
                settings.add(new Setting(max, "hugetlb." + max.size() + ".limit_in_bytes", value));
                settings.add(Setting.ifThere(max, "hugetlb." + max.size() + ".rsvd.limit_in_bytes", value));
            }
        }
    }
}
