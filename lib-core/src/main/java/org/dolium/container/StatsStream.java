// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.dolium.cgroup.Stats;
import org.jspecify.annotations.Nullable;

/// Tells a consumer the figures of a container from time to time, and once more at its end. A consumer that takes longer
/// than the interval misses some.
final class StatsStream {
    private final Observation source;
    private final Consumer<? super Stats> consumer;
    private final Deliveries deliveries = new Deliveries();
    private @Nullable Future<?> ticks;
    private boolean busy;
    private boolean ended;
    private volatile boolean closed;

    StatsStream(Observation source, Consumer<? super Stats> consumer) {
        this.source = source;
        this.consumer = consumer;
    }

    synchronized void start(Duration interval) {
        if (!ended) {
            ticks = Ticker.every(interval, this::tick);
        }
    }

    private synchronized void tick() {
        if (!busy && !ended) {
            busy = true;
            deliveries.add(this::next);
        }
    }

    private void next() {
        try {
            tell(current());
        } finally {
            synchronized (this) {
                busy = false;
            }
        }
    }

    private void tell(@Nullable Stats stats) {
        if (stats != null && !closed) {
            consumer.accept(stats);
        }
    }

    private @Nullable Stats current() {
        try {
            return source.stats();
        } catch (IOException | IllegalStateException e) {
            return null; // the group is gone: its end was told, or nobody can
        }
    }

    /// Reads the last figures now and has them told. Does nothing the second time.
    synchronized void end() {
        if (!ended) {
            stop();
            Stats last = current();
            deliveries.add(() -> tell(last));
        }
    }

    private void stop() {
        ended = true;
        if (ticks != null) {
            ticks.cancel(false);
        }
    }

    synchronized void close() {
        closed = true;
        stop();
    }
}
