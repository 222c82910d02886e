// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// Limits as the files of cgroup v2.
public final class UnifiedSettings {
    static final String MAX = "max";

    private UnifiedSettings() {}

    /// The values to write, in an order in which they can be written. Devices are no file.
    public static List<Setting> lower(Limits limits) {
        List<Setting> settings = new ArrayList<>();
        Memory.lower(limits, settings);
        Cpu.lower(limits, settings);
        Pids.lower(limits, settings);
        Cpuset.lower(limits, settings);
        Io.lower(limits, settings);
        Hugetlb.lower(limits, settings);
        Unified.lower(limits, settings);
        return settings;
    }

    static String amount(long value) {
        return value == Limit.UNLIMITED ? MAX : Long.toString(value);
    }
}
