// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.List;
import org.dolium.cgroup.CpuShare;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The cpu controller of cgroup v2. Times are microseconds.
final class Cpu {
    private Cpu() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.CpuQuota quota = limits.find(Limit.CpuQuota.class);
        if (quota != null) {
            String time = quota.quota().equals(Limit.CpuQuota.NO_QUOTA)
                    ? UnifiedSettings.MAX
                    : Long.toString(quota.quota().toNanos() / 1000);
            settings.add(new Setting(quota, "cpu.max", time + " " + quota.period().toNanos() / 1000));
        }
        Limit.CpuBurst burst = limits.find(Limit.CpuBurst.class);
        if (burst != null) {
            settings.add(new Setting(burst, "cpu.max.burst", Long.toString(burst.burst().toNanos() / 1000)));
        }
        Limit.CpuWeight weight = limits.find(Limit.CpuWeight.class);
        if (weight != null) {
            settings.add(new Setting(weight, "cpu.weight", Integer.toString(weight.weight())));
        }
        Limit.CpuShares shares = limits.find(Limit.CpuShares.class);
        if (shares != null) {
            settings.add(new Setting(shares, "cpu.weight", Integer.toString(CpuShare.weight(shares.shares()))));
        }
        Limit.CpuIdle idle = limits.find(Limit.CpuIdle.class);
        if (idle != null) {
            settings.add(new Setting(idle, "cpu.idle", idle.idle() ? "1" : "0"));
        }
    }
}
