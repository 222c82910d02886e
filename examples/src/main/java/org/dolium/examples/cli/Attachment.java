// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.dolium.container.Container;
import org.dolium.container.Execution;
import org.dolium.container.LocalTerminal;
import org.dolium.container.Signal;
import org.dolium.container.TerminalSize;
import org.jspecify.annotations.Nullable;

/// The user's terminal while it is connected with a container's: keys there, output here, and the size of the window.
final class Attachment implements AutoCloseable {
    private static final Duration STRAGGLERS = Duration.ofSeconds(1);
    private static final String NO_DETACHING = "\r\ndolium: these are the keys for detaching, but %s lives only as long as it: there is"
            + " nothing to detach from\r\n";

    /// Whoever has a terminal in a container.
    interface Far {
        Process process();

        void resize(int rows, int columns) throws IOException;

        void kill();
    }

    private final @Nullable LocalTerminal user;
    private final boolean typing;
    private final DetachKeys detachKeys;
    private final String what;
    private final HostSignals window = new HostSignals();
    private LocalTerminal.@Nullable RawMode raw;
    private @Nullable Thread printer;
    private @Nullable Thread typist;

    /// @param user the user's terminal, or null if there is none
    /// @param typing whether keys go to the container
    /// @param what what the keys for detaching can't leave alone
    private Attachment(@Nullable LocalTerminal user, boolean typing, DetachKeys detachKeys, String what) {
        this.what = what;
        this.user = user;
        this.typing = typing;
        this.detachKeys = detachKeys;
    }

    /// The terminal that this JVM is used at, if it is at one.
    ///
    /// @throws IllegalArgumentException if keys shall come from where there are none
    static Attachment here(boolean typing, String detachKeys, String what) {
        DetachKeys keys = DetachKeys.parse(detachKeys);
        Optional<LocalTerminal> input = LocalTerminal.ofStandardInput();
        if (typing && input.isEmpty()) {
            throw new IllegalArgumentException("the input device is not a TTY");
        }
        return new Attachment(input.or(LocalTerminal::ofStandardOutput).orElse(null), typing, keys, what);
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
        connect(new Far() {
            @Override
            public Process process() {
                return container.process();
            }

            @Override
            public void resize(int rows, int columns) throws IOException {
                container.resize(rows, columns);
            }

            @Override
            public void kill() {
                container.kill(Signal.KILL);
            }
        });
    }

    void connect(Execution command) {
        connect(new Far() {
            @Override
            public Process process() {
                return command.process();
            }

            @Override
            public void resize(int rows, int columns) throws IOException {
                command.resize(rows, columns);
            }

            @Override
            public void kill() {
                command.kill(Signal.KILL);
            }
        });
    }

    private void connect(Far far) {
        printer = Thread.ofVirtual().name("dolium-print").start(() -> print(far));
        if (user != null) {
            LocalTerminal terminal = user;
            if (typing) {
                typist = Thread.ofVirtual().name("dolium-type").start(() -> type(terminal, far));
            }
            window.on("WINCH", () -> fit(terminal, far));
            fit(terminal, far); // it may have changed since the terminal was asked for
        }
    }

    private static void print(Far far) {
        try (InputStream from = far.process().getInputStream()) {
            copy(from, new FileOutputStream(FileDescriptor.out)); // which stays open
        } catch (IOException e) {
            far.kill(); // nobody is there to see it any more
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[65536];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
        }
    }

    private void type(LocalTerminal terminal, Far far) {
        byte[] buffer = new byte[4096];
        try (OutputStream to = far.process().getOutputStream();
                InputStream from = terminal.input()) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                int end = detachKeys.typed(buffer, n);
                if (end < 0) {
                    to.write(buffer, 0, n);
                } else {
                    to.write(buffer, 0, end - 1);
                    new FileOutputStream(FileDescriptor.err).write(NO_DETACHING.formatted(what).getBytes(StandardCharsets.UTF_8));
                    to.write(buffer, end, n - end);
                }
            }
        } catch (IOException e) {
            // the container has ended or the terminal was hung up, and who waits for the container learns of either
        }
    }

    /// Tells the container the size of the user's window.
    private static void fit(LocalTerminal terminal, Far far) {
        try {
            TerminalSize size = terminal.size();
            far.resize(size.rows(), size.columns());
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
