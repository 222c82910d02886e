// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.List;
import org.dolium.cgroup.IoShare;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;

/// The io controller of cgroup v2. A weight has two files, of which each counts for the disks with its scheduler.
final class Io {
    private Io() {}

    static void lower(Limits limits, List<Setting> settings) {
        Limit.IoWeight weight = limits.find(Limit.IoWeight.class);
        if (weight != null) {
            settings.add(Setting.ifThere(weight, "io.weight", Integer.toString(weight.weight())));
            settings.add(Setting.ifThere(weight, "io.bfq.weight", Integer.toString(IoShare.bfq(weight.weight()))));
        }
        Limit.BlkioWeight blkio = limits.find(Limit.BlkioWeight.class);
        if (blkio != null) {
            settings.add(Setting.ifThere(blkio, "io.weight", Integer.toString(IoShare.weight(blkio.weight()))));
            settings.add(Setting.ifThere(blkio, "io.bfq.weight", Integer.toString(blkio.weight())));
        }
        for (int i = 0; i < limits.all().size(); i++) {
            if (limits.all().get(i).limit() instanceof Limit.IoMax max) {
                settings.add(new Setting(max, "io.max", line(max)));
            }
        }
    }

    private static String line(Limit.IoMax max) {
        return max.device() + " rbps=" + UnifiedSettings.amount(max.readBps()) + " wbps="
                + UnifiedSettings.amount(max.writeBps()) + " riops=" + UnifiedSettings.amount(max.readIops()) + " wiops="
                + UnifiedSettings.amount(max.writeIops());
    }
}
