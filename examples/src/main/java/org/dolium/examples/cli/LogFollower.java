// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.ContainerLogs;
import org.dolium.container.DetachedContainer;
import org.dolium.container.LogReader;
import org.dolium.container.Signal;

/// Prints what a container prints until it ends, with its signals: what the user sees of it as if it were in the foreground.
///
/// @param logs from where on
record LogFollower(DetachedContainer container, ContainerLogs logs) {
    private static final String[] SIGNALS = {"INT", "TERM", "HUP", "USR1", "USR2"};

    /// @param proxy whether signals go to the container; else they end this JVM, and the container goes on
    /// @return the container's exit status
    int follow(boolean proxy) throws IOException, InterruptedException {
        try (HostSignals signals = new HostSignals();
                LogReader reader = logs.follow().open()) {
            for (String name : proxy ? SIGNALS : new String[0]) {
                signals.on(name, () -> send(Signal.parse(name)));
            }
            LogPrinter.toStandardStreams(false).print(reader, true);
            return container.waitFor().shellCode();
        }
    }

    private void send(Signal signal) {
        try {
            container.kill(signal);
        } catch (IOException | IllegalStateException e) {
            // it has ended
        }
    }
}
