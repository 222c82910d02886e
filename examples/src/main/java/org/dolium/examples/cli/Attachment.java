// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.container.Container;
import org.dolium.container.LocalTerminal;
import org.dolium.container.Signal;
import org.dolium.container.TerminalSize;
import org.jspecify.annotations.Nullable;

/// The user's terminal while it is connected with a container's: keys there, output here, and the size of the window.
final class Attachment implements AutoCloseable {
    private static final Duration STRAGGLERS = Duration.ofSeconds(1);
    private static final String NO_DETACHING = "\r\ndolium: these are the keys for detaching, but a container of 'dolium run' lives only"
            + " as long as it: there is nothing to detach from\r\n";

    private final @Nullable LocalTerminal user;
    private final boolean typing;
    private final DetachKeys detachKeys;
    private final HostSignals window = new HostSignals();
    private LocalTerminal.@Nullable RawMode raw;
    private @Nullable Thread printer;
    private @Nullable Thread typist;

    /// @param user the user's terminal, or null if there is none
    /// @param typing whether keys go to the container
    Attachment(@Nullable LocalTerminal user, boolean typing, DetachKeys detachKeys) {
        this.user = user;
        this.typing = typing;
        this.detachKeys = detachKeys;
    }

    /// The size of the user's window now.
    TerminalSize size() {
        return user == null ? TerminalSize.standard() : user.size();
    }

    /// Has every key come here, before the container starts.
    void open() throws IOException, InterruptedException {
        if (user != null && typing) {
            raw = user.raw();
        }
    }

    void connect(Container container) {
        printer = Thread.ofVirtual().name("dolium-print").start(() -> print(container));
        if (user != null) {
            LocalTerminal terminal = user;
            if (typing) {
                typist = Thread.ofVirtual().name("dolium-type").start(() -> type(terminal, container));
            }
            window.on("WINCH", () -> fit(terminal, container));
            fit(terminal, container); // it may have changed since the container was asked for
        }
    }

    private static void print(Container container) {
        try (InputStream from = container.process().getInputStream()) {
            copy(from, new FileOutputStream(FileDescriptor.out)); // which stays open
        } catch (IOException e) {
            container.kill(Signal.KILL); // nobody is there to see it any more
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[65536];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
        }
    }

    private void type(LocalTerminal terminal, Container container) {
        byte[] buffer = new byte[4096];
        try (OutputStream to = container.process().getOutputStream();
                InputStream from = terminal.input()) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                int end = detachKeys.typed(buffer, n);
                if (end < 0) {
                    to.write(buffer, 0, n);
                } else {
                    to.write(buffer, 0, end - 1);
                    new FileOutputStream(FileDescriptor.err).write(NO_DETACHING.getBytes(StandardCharsets.UTF_8));
                    to.write(buffer, end, n - end);
                }
            }
        } catch (IOException e) {
            // the container has ended or the terminal was hung up, and who waits for the container learns of either
        }
    }

    /// Tells the container the size of the user's window.
    private static void fit(LocalTerminal terminal, Container container) {
        try {
            TerminalSize size = terminal.size();
            container.resize(size.rows(), size.columns());
        } catch (IOException | IllegalStateException e) {
            // the container has ended
        }
    }

    /// Waits until everything that the container printed is printed here, after its end.
    void awaitOutput() throws InterruptedException {
        if (printer != null) {
            printer.join(STRAGGLERS);
        }
    }

    @Override
    public void close() {
        window.close();
        if (typist != null) {
            typist.interrupt();
        }
        if (raw != null) {
            raw.close();
        }
    }
}
