// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/// How long processors worked for something. Other than the time that passes it is no longer on a machine that has others to work for.
public final class CpuTime {
    private CpuTime() {}

    /// What the calling thread takes for it.
    public static Duration of(Runnable work) {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        work.run();
        return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
    }
}
