// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Weights of input and output count only for disks with one of two mechanisms: the scheduler BFQ, or the cost model of
/// `io.cost.qos`. The files take them always.
final class DiskSchedulers {
    static final String REMEDY = "`echo bfq > /sys/block/DISK/queue/scheduler`, or switch io.cost.qos on for the disk";

    private static final File DISKS = new File("/sys/block");
    private static final Path COST = Path.of("/sys/fs/cgroup/io.cost.qos");

    private DiskSchedulers() {}

    /// Whether at least one disk heeds weights.
    static boolean anyWithWeights() {
        String[] disks = DISKS.list();
        for (int i = 0; disks != null && i < disks.length; i++) {
            if (read(DISKS.toPath().resolve(disks[i]).resolve("queue/scheduler")).contains("[bfq]")) {
                return true;
            }
        }
        return read(COST).contains("enable=1");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // not there, or not for this user
        }
    }
}
