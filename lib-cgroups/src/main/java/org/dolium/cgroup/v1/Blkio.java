// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.List;
import org.dolium.cgroup.IoShare;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The blkio controller of cgroup v1. The file of a weight has another name with each scheduler that knows weights.
final class Blkio {
    private static final String NONE = "0";

    private Blkio() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.IoWeight weight = limits.find(Limit.IoWeight.class);
        if (weight != null) {
            settings.add(Setting.ifThere(weight, "blkio.weight", Integer.toString(IoShare.blkio(weight.weight()))));
            settings.add(Setting.ifThere(weight, "blkio.bfq.weight", Integer.toString(IoShare.bfq(weight.weight()))));
        }
        Limit.BlkioWeight blkio = limits.find(Limit.BlkioWeight.class);
        if (blkio != null) {
            settings.add(Setting.ifThere(blkio, "blkio.weight", Integer.toString(blkio.weight())));
            settings.add(Setting.ifThere(blkio, "blkio.bfq.weight", Integer.toString(blkio.weight())));
        }
        for (int i = 0; i < limits.all().size(); i++) {
            if (limits.all().get(i).limit() instanceof Limit.IoMax max) {
                throttle(max, settings);
            }
        }
    }

    private static void throttle(Limit.IoMax max, List<Setting> settings) {
        settings.add(new Setting(max, "blkio.throttle.read_bps_device", line(max, max.readBps())));
        settings.add(new Setting(max, "blkio.throttle.write_bps_device", line(max, max.writeBps())));
        settings.add(new Setting(max, "blkio.throttle.read_iops_device", line(max, max.readIops())));
        settings.add(new Setting(max, "blkio.throttle.write_iops_device", line(max, max.writeIops())));
    }

    private static String line(Limit.IoMax max, long rate) {
        return max.device() + " " + (rate == Limit.UNLIMITED ? NONE : Long.toString(rate));
    }
}
