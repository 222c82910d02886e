// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;

/// Where memory can be swapped out to.
public final class Swap {
    private Swap() {}

    /// Whether this machine has any swap now; see proc(5).
    public static boolean here() {
        try {
            String swaps = CgroupDirectory.readPath("/proc/swaps"); // a line of headings, then one for each
            return swaps.indexOf('\n') < swaps.length() - 1;
        } catch (ErrnoException e) {
            return true; // not known
        }
    }
}
