// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.dolium.cgroup.CgroupEvent;
import org.jspecify.annotations.Nullable;

/// Who wants to know what happens to one container, and how far it is. Made when the first asks.
///
/// Telling never waits for anybody: each listener has a queue of its own, and a thread only while there is something in it.
final class Events {
    private final List<Listener> listeners = new ArrayList<>(1);
    private boolean begun;
    private @Nullable ExitStatus status;
    private boolean closed;

    /// @param begun whether the command runs already
    Events(boolean begun) {
        this.begun = begun;
    }

    /// Begins with what has happened already, but for the end; that is for [#catchUp], when all before it was told.
    synchronized Listener add(Consumer<? super ContainerEvent> handler) {
        Listener listener = new Listener(handler);
        listener.tell(new ContainerEvent.Created());
        if (begun) {
            listener.tell(new ContainerEvent.Started());
        }
        listeners.add(listener);
        return listener;
    }

    synchronized void catchUp(Listener listener) {
        ExitStatus known = status;
        if (known != null) {
            listener.end(known);
        }
    }

    synchronized void forget(Listener listener) {
        listener.closed = true;
        listeners.remove(listener);
    }

    synchronized void begun() {
        if (!begun) {
            begun = true;
            tell(new ContainerEvent.Started());
        }
    }

    synchronized void ended(ExitStatus how) {
        if (status == null) {
            status = how;
            for (Listener listener : listeners) {
                listener.end(how);
            }
        }
    }

    synchronized void closed() {
        if (!closed) {
            closed = true;
            tell(new ContainerEvent.Closed());
        }
    }

    synchronized void tell(ContainerEvent event) {
        for (Listener listener : listeners) {
            listener.tell(event);
        }
    }

    /// One who wants to know.
    static final class Listener {
        /// How many events of the cgroup may wait for a slow one. What comes later is counted together until there is room.
        private static final int MOST = 1000;

        private final Consumer<? super ContainerEvent> handler;
        private final Deliveries deliveries = new Deliveries();
        private final AtomicInteger waiting = new AtomicInteger();
        private boolean ended;
        private volatile boolean closed;

        private Listener(Consumer<? super ContainerEvent> handler) {
            this.handler = handler;
        }

        private void end(ExitStatus how) {
            if (!ended) {
                ended = true;
                tell(new ContainerEvent.Exited(how));
            }
        }

        private void tell(ContainerEvent event) {
            waiting.incrementAndGet();
            deliveries.add(() -> {
                waiting.decrementAndGet();
                if (!closed) {
                    handler.accept(event);
                }
            });
        }

        /// @return false if there is no room now
        boolean resources(List<CgroupEvent> events) {
            if (waiting.get() > MOST) {
                return false;
            }
            for (CgroupEvent event : events) {
                tell(ContainerEvent.of(event));
            }
            return true;
        }
    }
}
