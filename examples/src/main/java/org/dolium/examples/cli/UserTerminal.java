// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.container.LocalTerminal;
import org.dolium.container.TerminalSize;
import org.jspecify.annotations.Nullable;

/// The user's terminal while it is connected with a container's: keys there, output here, and the size of the window.
final class UserTerminal implements AutoCloseable {
    private static final Duration STRAGGLERS = Duration.ofSeconds(1);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final @Nullable LocalTerminal user;
    private final boolean typing;
    private final DetachKeys detachKeys;
    private final HostSignals window = new HostSignals();
    private LocalTerminal.@Nullable RawMode raw;
    private @Nullable Thread printer;
    private @Nullable Thread typist;

    /// @param user the user's terminal, or null if there is none
    /// @param typing whether keys go to the container
    UserTerminal(@Nullable LocalTerminal user, boolean typing, DetachKeys detachKeys) {
        this.user = user;
        this.typing = typing;
        this.detachKeys = detachKeys;
    }

    /// @throws IllegalArgumentException if keys shall come from where there are none
    static UserTerminal of(boolean typing, DetachKeys keys) {
        LocalTerminal input = LocalTerminal.ofStandardInput().orElse(null);
        if (typing && input == null) {
            throw new IllegalArgumentException("the input device is not a TTY");
        }
        return new UserTerminal(input == null ? LocalTerminal.ofStandardOutput().orElse(null) : input, typing, keys);
    }

    /// The size of the user's window now.
    TerminalSize size() {
        return user == null ? TerminalSize.standard() : user.size();
    }

    /// Has every key come here, before the container starts.
    void open() throws IOException, InterruptedException {
        if (user != null && typing && raw == null) {
            raw = user.raw();
        }
    }

    void connect(TerminalStreams container) {
        printer = Thread.ofVirtual().name("dolium-print").start(() -> print(container));
        if (user != null) {
            LocalTerminal terminal = user;
            if (typing) {
                typist = Thread.ofVirtual().name("dolium-type").start(() -> type(terminal, container));
            }
            window.on("WINCH", () -> fit(terminal.size(), container));
            fit(terminal.size(), container); // it may have changed since the container was asked for
        }
    }

    /// Has a program that is there already draw its picture anew, as Docker does: a terminal tells only of another size, and a shell
    /// looks whether it is another one. So it must have had the time to see the first.
    void redraw(TerminalStreams container) throws InterruptedException {
        TerminalSize size = size();
        if (user != null) {
            fit(new TerminalSize(size.rows(), size.columns() == 1 ? 2 : size.columns() - 1), container);
            Thread.sleep(PAUSE);
            fit(size(), container);
        }
    }

    private static void print(TerminalStreams container) {
        try (InputStream from = container.output()) {
            copy(from, new FileOutputStream(FileDescriptor.out)); // which stays open
        } catch (IOException e) {
            container.unseen();
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[65536];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
        }
    }

    private void type(LocalTerminal terminal, TerminalStreams container) {
        byte[] buffer = new byte[4096];
        try (InputStream from = terminal.input()) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                ByteArrayOutputStream passed = new ByteArrayOutputStream();
                int end = detachKeys.typed(buffer, n, passed);
                container.input().write(passed.toByteArray());
                if (end >= 0) {
                    if (container.detach()) {
                        return;
                    }
                    container.input().write(buffer, end, n - end);
                }
            }
        } catch (IOException e) {
            // the container has ended or the terminal was hung up, and who waits for the container learns of either
        }
        container.untyped();
    }

    /// What goes to the user besides what the container prints; lines begin at the left in every mode.
    static void say(String sentence) throws IOException {
        new FileOutputStream(FileDescriptor.err).write(("\r\n" + sentence + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void fit(TerminalSize size, TerminalStreams container) {
        try {
            container.resize(size);
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
