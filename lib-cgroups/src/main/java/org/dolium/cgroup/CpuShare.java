// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// The two scales of a share of processor time: weights of cgroup v2 and shares of v1. Both kernels' defaults, 100 and
/// 1024, and both ends mean the same; between them goes a quadratic function of the logarithms, as in runc and crun.
public final class CpuShare {
    private static final int LEAST_SHARES = 2;
    private static final int MOST_SHARES = 262_144;

    private CpuShare() {}

    /// From 2…262144 to 1…10000.
    public static int weight(int shares) {
        if (shares <= LEAST_SHARES) {
            return 1;
        }
        if (shares >= MOST_SHARES) {
            return 10_000;
        }
        double log = Math.log(shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
        return (int) Math.ceil(Math.pow(10, exponent) - 1e-9); // 1024 gives 100 in spite of rounding
    }

    /// From 1…10000 to 2…262144: the number that [#weight] turns into `weight`, or the one next to it.
    public static int shares(int weight) {
        double constant = 612 * (Math.log10(weight) + 7.0 / 34);
        double log = (-125 + Math.sqrt(125 * 125 + 4 * constant)) / 2;
        long shares = Math.round(Math.pow(2, log));
        return (int) Math.max(LEAST_SHARES, Math.min(MOST_SHARES, shares));
    }
}
