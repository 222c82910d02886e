// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Calls of somebody else's code, one after the other, on a virtual thread that lives as long as there are some.
final class Deliveries {
    private final String name;
    private final Queue<Runnable> waiting = new ArrayDeque<>(2);
    private @Nullable Thread thread;

    Deliveries() {
        this("dolium-consumer");
    }

    /// @param name of the thread
    Deliveries(String name) {
        this.name = name;
    }

    synchronized void add(Runnable call) {
        waiting.add(call);
        if (thread == null) {
            thread = Thread.ofVirtual().name(name).start(this::run);
        }
    }

    /// Forgets the calls that wait, and interrupts the one that runs, except if it is who asks.
    synchronized void abandon() {
        waiting.clear();
        if (thread != null && thread != Thread.currentThread()) {
            thread.interrupt();
        }
    }

    private void run() {
        for (Runnable call = next(); call != null; call = next()) {
            try {
                call.run();
            } catch (RuntimeException | Error e) { // nobody is there to catch it, and the next may go well
                System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "a consumer failed", e);
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        thread = next == null ? null : thread;
        return next;
    }
}
