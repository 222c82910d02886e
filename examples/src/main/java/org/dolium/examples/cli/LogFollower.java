// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import org.dolium.container.Attachment;
import org.dolium.container.ContainerLogs;
import org.dolium.container.DetachedContainer;
import org.dolium.container.LogReader;
import org.dolium.container.Signal;
import org.jspecify.annotations.Nullable;

/// Prints what a container prints until it ends, with its signals: what the user sees of it as if it were in the foreground.
///
/// @param logs from where on
record LogFollower(DetachedContainer container, ContainerLogs logs) {
    private static final String[] SIGNALS = {"INT", "TERM", "HUP", "USR1", "USR2"};

    /// @param proxy whether signals go to the container; else they end this JVM, and the container goes on
    /// @param typed what gets this JVM's standard input, or null if that is not read
    /// @param ends whether the end of that is the end of the container's; else others may write to it
    /// @return the container's exit status
    int follow(boolean proxy, @Nullable Attachment typed, boolean ends) throws IOException, InterruptedException {
        try (HostSignals signals = new HostSignals();
                LogReader reader = logs.follow().open()) {
            for (String name : proxy ? SIGNALS : new String[0]) {
                signals.on(name, () -> send(Signal.parse(name)));
            }
            if (typed != null) {
                Thread.ofPlatform().daemon().name("dolium-type").start(() -> type(typed, ends));
            }
            LogPrinter.toStandardStreams(false).print(reader, true);
            return container.waitFor().shellCode();
        }
    }

    private static void type(Attachment attached, boolean ends) {
        try {
            new FileInputStream(FileDescriptor.in).transferTo(attached.input());
            if (ends) {
                attached.input().close();
            }
        } catch (IOException e) {
            // it has ended, or reads no more
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
