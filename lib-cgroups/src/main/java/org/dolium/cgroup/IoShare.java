// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// The three scales of a share of a disk's time: `io.weight` from 1 to 10,000, `blkio.weight` from 10 to 1000, and that of
/// the scheduler BFQ from 1 to 1000.
public final class IoShare {
    private static final int DEFAULT = 100;

    private IoShare() {}

    /// From 10…1000 of blkio to 1…10000, in proportion, as in runc and crun.
    public static int weight(int blkio) {
        return 1 + (blkio - 10) * 9999 / 990;
    }

    /// From 1…10000 to 10…1000 of blkio: the number that [#weight] turns into `weight`, or the one below it.
    public static int blkio(int weight) {
        return 10 + (weight - 1) * 990 / 9999;
    }

    /// From 1…10000 to 1…1000 of BFQ, whose default is 100 as well: the same up to there, in proportion above, as systemd
    /// has it.
    public static int bfq(int weight) {
        return weight <= DEFAULT ? weight : DEFAULT + (weight - DEFAULT) * (1000 - DEFAULT) / (10_000 - DEFAULT);
    }
}
