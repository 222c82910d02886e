// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The right to pull layers into a store that nobody else in this JVM has meanwhile: who wants the same layers waits, and then finds
/// them there. Layers are asked for from the lowest up. As a layer's chain names all below it, everybody who wants two of
/// them asks in the same order, so that nobody waits for ever.
final class Turn implements AutoCloseable {
    /// What somebody is at, in this JVM, through whichever object. Its monitor is what waits.
    private static final Set<String> BUSY = new HashSet<>();

    private final Deque<String> held = new ArrayDeque<>();

    private Turn() {}

    static Turn await(List<String> layers) throws InterruptedIOException {
        Turn turn = new Turn();
        try {
            for (String layer : layers) {
                turn.enter(layer);
            }
            return turn;
        } catch (InterruptedException e) {
            turn.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while another pull was at the same layers");
        }
    }

    private void enter(String layer) throws InterruptedException {
        synchronized (BUSY) {
            while (!BUSY.add(layer)) {
                BUSY.wait();
            }
            held.push(layer);
        }
    }

    @Override
    public void close() {
        synchronized (BUSY) {
            BUSY.removeAll(held);
            held.clear();
            BUSY.notifyAll();
        }
    }
}
