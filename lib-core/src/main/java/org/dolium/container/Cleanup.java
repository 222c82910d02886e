// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// What remains to be freed when a container has ended. Runs once.
final class Cleanup {
    private static final Runnable NOTHING = new Runnable() {
        @Override
        public void run() {}
    };

    private Runnable action = NOTHING;

    synchronized void set(Runnable action) {
        this.action = action;
    }

    synchronized void run() {
        Runnable now = action;
        action = NOTHING;
        now.run();
    }
}
