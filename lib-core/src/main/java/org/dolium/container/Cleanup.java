// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayDeque;
import java.util.Deque;

/// What remains to be freed when a container has ended. Runs once.
final class Cleanup {
    private final Deque<Runnable> actions = new ArrayDeque<>(2);

    synchronized void add(Runnable action) {
        actions.push(action);
    }

    /// What was made last is freed first; a failure does not keep the rest.
    synchronized void run() {
        RuntimeException failure = null;
        while (!actions.isEmpty()) {
            try {
                actions.pop().run();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
