// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The one timer of all containers: a thread that exists while something is to be done from time to time.
final class Ticker {
    private static final ScheduledThreadPoolExecutor SHARED = create();

    private Ticker() {}

    private static ScheduledThreadPoolExecutor create() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(null, work, "dolium-timer", 0, false);
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    /// Does something once, after `delay`. It must not wait for anything.
    static Future<?> after(Duration delay, Runnable work) {
        return SHARED.schedule(work, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
    }

    /// Does something now and then every `interval`, until it is cancelled. It must not wait for anything.
    static Future<?> every(Duration interval, Runnable work) {
        long nanos = TimeUnit.NANOSECONDS.convert(interval);
        return SHARED.scheduleAtFixedRate(work, 0, nanos, TimeUnit.NANOSECONDS);
    }
}
