// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Calls of somebody else's code, one after the other, on a virtual thread that lives as long as there are some.
final class Deliveries {
    private final Queue<Runnable> waiting = new ArrayDeque<>(2);
    private boolean running;

    synchronized void add(Runnable call) {
        waiting.add(call);
        if (!running) {
            running = true;
            Thread.ofVirtual().name("dolium-consumer").start(this::run);
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
        running = next != null;
        return next;
    }
}
