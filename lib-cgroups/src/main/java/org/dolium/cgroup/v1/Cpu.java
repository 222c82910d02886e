// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.CpuShare;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The cpu controller of cgroup v1. Times are microseconds.
final class Cpu {
    private Cpu() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.CpuQuota quota = limits.find(Limit.CpuQuota.class);
        if (quota != null) {
            String time = quota.quota().equals(Limit.CpuQuota.NO_QUOTA)
                    ? "-1"
                    : Long.toString(quota.quota().toNanos() / 1000);
            settings.add(new Setting(quota, "cpu.cfs_period_us", Long.toString(quota.period().toNanos() / 1000)));
            settings.add(new Setting(quota, "cpu.cfs_quota_us", time));
        }
        Limit.CpuBurst burst = limits.find(Limit.CpuBurst.class);
        if (burst != null) {
            settings.add(new Setting(burst, "cpu.cfs_burst_us", Long.toString(burst.burst().toNanos() / 1000)));
        }
        Limit.CpuWeight weight = limits.find(Limit.CpuWeight.class);
        if (weight != null) {
            settings.add(new Setting(weight, "cpu.shares", Integer.toString(CpuShare.shares(weight.weight()))));
        }
        Limit.CpuShares shares = limits.find(Limit.CpuShares.class);
        if (shares != null) {
            settings.add(new Setting(shares, "cpu.shares", Integer.toString(shares.shares())));
        }
        Limit.CpuIdle idle = limits.find(Limit.CpuIdle.class);
        if (idle != null) {
            settings.add(new Setting(idle, "cpu.idle", idle.idle() ? "1" : "0"));
        }
    }
}
