// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

/// Starts the platform daemon threads that Dolium owns.
final class DaemonThreads {
    private static final long STACK_BYTES = 256 * 1024;

    private DaemonThreads() {}

    static void start(String name, Runnable body) {
        Thread thread = new Thread(null, body, name, STACK_BYTES, false);
        thread.setDaemon(true);
        thread.start();
    }
}
