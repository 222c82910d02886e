// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dolium.oci.blob.VerifiedStream;
import org.jspecify.annotations.Nullable;

/// Tells a listener what happens, on a thread of its own. Downloads are only looked at from time to time. A listener that throws
/// is told nothing more, and one that is slow hears of fewer bytes and holds nobody up but itself.
final class Progress implements AutoCloseable {
    private static final Logger LOG = System.getLogger("org.dolium.oci.pull");
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_WORDS = TimeUnit.SECONDS.toMillis(1);

    /// A layer that is read.
    private static final class Meter {
        final VerifiedStream stream;
        long told;

        Meter(VerifiedStream stream) {
            this.stream = stream;
        }
    }

    private final @Nullable Consumer<PullEvent> listener;
    /// As many as there are layers, some times over, at most; an empty one is the end.
    private final BlockingQueue<Optional<PullEvent>> events = new LinkedBlockingQueue<>();

    private final List<Meter> meters = new CopyOnWriteArrayList<>();
    private @Nullable Thread thread;

    Progress(@Nullable Consumer<PullEvent> listener) {
        this.listener = listener;
        if (listener != null) {
            thread = Thread.ofPlatform().daemon().name("dolium-pull-events").start(() -> run(listener));
        }
    }

    void tell(PullEvent event) {
        if (listener != null) {
            events.add(Optional.of(event));
        }
    }

    /// Tells how much of the stream was read, until it is done.
    void watch(VerifiedStream stream) {
        if (listener != null) {
            meters.add(new Meter(stream));
        }
    }

    void unwatch(VerifiedStream stream) {
        meters.removeIf(meter -> meter.stream == stream);
    }

    private void run(Consumer<PullEvent> to) {
        try {
            long next = System.nanoTime() + STEP;
            while (true) {
                Optional<PullEvent> event = events.poll(Math.max(0, next - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (event != null && event.isEmpty()) {
                    return;
                }
                if (event != null) {
                    to.accept(event.get());
                }
                if (System.nanoTime() - next >= 0) {
                    sample(to);
                    next = System.nanoTime() + STEP;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the pull has ended before the listener
        } catch (Throwable e) {
            LOG.log(Level.WARNING, "a listener of a pull has failed and hears no more", e);
        }
    }

    private void sample(Consumer<PullEvent> to) {
        for (Meter meter : meters) {
            long bytes = meter.stream.position();
            if (bytes != meter.told) {
                meter.told = bytes;
                to.accept(new PullEvent.Downloaded(meter.stream.descriptor(), bytes));
            }
        }
    }

    /// Lets the listener hear what has happened, for a second at most.
    @Override
    public void close() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        thread = null;
        events.add(Optional.empty());
        boolean interrupted = Thread.interrupted();
        try {
            if (running != Thread.currentThread() && !running.join(Duration.ofMillis(LAST_WORDS))) {
                running.interrupt();
            }
        } catch (InterruptedException e) {
            running.interrupt();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
