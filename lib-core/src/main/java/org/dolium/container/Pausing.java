// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.Freezing;
import org.dolium.kernel.Fd;
import org.dolium.launch.Poller;

/// Makes a container stand still, and lets it go on; one of both at a time.
final class Pausing {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final long PAUSE_NANOS = 1_000_000;

    private final Group group;
    private final BooleanSupplier ended;

    /// @param ended whether the container has ended
    Pausing(Group group, BooleanSupplier ended) {
        this.group = group;
        this.ended = ended;
    }

    synchronized boolean isPaused() throws IOException {
        try (Freezing freezing = Freezing.of(group.required())) {
            return freezing.is(true);
        }
    }

    /// @throws IllegalStateException if the container has ended
    synchronized void pause(Duration deadline) throws IOException, InterruptedException {
        try (Freezing freezing = Freezing.of(group.required())) {
            freezing.want(true);
            boolean done = false;
            try {
                done = await(freezing, true, deadline);
            } finally {
                if (!done && !ended.getAsBoolean()) {
                    freezing.want(false);
                }
            }
            if (ended.getAsBoolean()) {
                throw new IllegalStateException("the container has ended");
            }
            if (!done) {
                throw new IOException("the container could not be frozen within " + deadline
                        + ", a process hangs in the kernel; it goes on");
            }
        }
    }

    /// Does nothing if the container has ended.
    synchronized void resume(Duration deadline) throws IOException, InterruptedException {
        Cgroup cgroup = group.required();
        try (Freezing freezing = Freezing.of(cgroup)) {
            freezing.want(false);
            if (!await(freezing, false, deadline) && !ended.getAsBoolean()) {
                throw new IOException("the container did not go on within " + deadline
                        + ": the cgroup that it is in is frozen from above");
            }
        }
    }

    private boolean await(Freezing freezing, boolean frozen, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
        Fd news = freezing.news();
        while (!freezing.is(frozen)) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || ended.getAsBoolean()) {
                return false;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (news == null) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                Poller.shared().await(news, Poller.NEWS, Duration.ofNanos(Math.min(left, LOOK_AGAIN.toNanos())));
            }
        }
        return true;
    }

    /// Processes that the freezer of cgroup v1 holds do not even die until they go on; those of cgroup v2 do.
    void letDie() {
        Cgroup cgroup = group.cgroup();
        if (cgroup != null && cgroup.unified() == null) {
            letGo();
        }
    }

    /// Has it go on, and does not wait for that.
    void letGo() {
        Cgroup cgroup = group.cgroup();
        if (cgroup == null) {
            return;
        }
        try (Freezing freezing = Freezing.of(cgroup)) {
            freezing.want(false);
        } catch (IOException | IllegalStateException e) {
            // it is gone
        }
    }
}
