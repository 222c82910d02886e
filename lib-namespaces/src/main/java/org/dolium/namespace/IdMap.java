// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

/// One extent of an id map: `count` ids from `inside` on are the host's from `outside` on; see user_namespaces(7).
public record IdMap(long inside, long outside, long count) {
    /// 2^32 - 1 means "no id" to the kernel.
    private static final long LIMIT = 0xffffffffL;

    public IdMap {
        if (inside < 0 || outside < 0 || count < 1 || inside > LIMIT || outside > LIMIT || count > LIMIT
                || inside + count > LIMIT || outside + count > LIMIT) {
            throw new IllegalArgumentException("id map " + inside + ":" + outside + ":" + count
                    + " does not lie within 0 and 4294967294");
        }
    }

    boolean overlaps(IdMap other) {
        return meets(inside, count, other.inside, other.count) || meets(outside, count, other.outside, other.count);
    }

    private static boolean meets(long a, long aCount, long b, long bCount) {
        return a < b + bCount && b < a + aCount;
    }

    @Override
    public String toString() {
        return inside + ":" + outside + ":" + count;
    }
}
