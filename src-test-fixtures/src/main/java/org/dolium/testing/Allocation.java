// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// How much memory of the heap the calling platform thread has taken.
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /// In bytes, since the thread began; asking takes nothing itself.
    public static long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
