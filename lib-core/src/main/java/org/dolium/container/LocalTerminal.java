// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.Optional;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.launch.Poller;
import org.dolium.launch.TerminalGuard;
import org.dolium.linux.Sys;

/// The terminal at which this JVM's user sits, for programs that connect it with the terminal of a container. It never reaches the
/// container itself.
///
/// ```java
/// LocalTerminal user = LocalTerminal.ofStandardInput().orElseThrow();
/// try (Container container = builder.terminal(user.size()).start();
///         LocalTerminal.RawMode raw = user.raw()) {
///     Thread.ofVirtual().start(() -> user.input().transferTo(container.process().getOutputStream()));
///     container.process().getInputStream().transferTo(System.out);
/// }
/// ```
public final class LocalTerminal {
    private final Fd fd;

    private LocalTerminal(Fd fd) {
        this.fd = fd;
    }

    /// The terminal that is this JVM's standard input, if that is one.
    public static Optional<LocalTerminal> ofStandardInput() {
        return of(0);
    }

    /// The terminal that is this JVM's standard output, if that is one.
    public static Optional<LocalTerminal> ofStandardOutput() {
        return of(1);
    }

    private static Optional<LocalTerminal> of(int number) {
        Fd fd = new Fd(number);
        return TerminalCalls.mode(fd) == null ? Optional.empty() : Optional.of(new LocalTerminal(fd));
    }

    /// The size of its window now; 24 rows of 80 columns if it does not know.
    public TerminalSize size() {
        TerminalSize size = TerminalCalls.size(fd);
        return size == null ? TerminalSize.standard() : size;
    }

    /// What the user types. A read that waits heeds interrupts, and does not hold up the end of the JVM. Closing it does nothing.
    public InputStream input() {
        return new Typed(fd);
    }

    /// Lets every key go to the reader of [#input] at once and as it is, until the result is closed: nothing is echoed, Ctrl-C is no
    /// signal, and what is printed is not translated.
    ///
    /// The mode is set back by [RawMode#close], when the JVM ends, and also when it is killed: for that, a process of Dolium's
    /// own, a few KiB large, waits meanwhile.
    ///
    /// @throws IOException if the mode can't be set, for instance because the terminal was hung up
    public RawMode raw() throws IOException, InterruptedException {
        byte[] before = TerminalCalls.mode(fd);
        if (before == null) {
            throw new IOException("the terminal is gone");
        }
        byte[] raw = TerminalCalls.raw(before);
        RawMode mode = new RawMode(fd, before, TerminalGuard.start(fd, before, raw));
        try {
            TerminalCalls.setMode(fd, raw);
            return mode;
        } catch (IOException | RuntimeException e) {
            mode.close();
            throw e;
        }
    }

    /// A terminal's mode, until it is closed.
    public static final class RawMode implements AutoCloseable {
        private final Fd fd;
        private final byte[] before;
        private final TerminalGuard guard;
        private final Thread hook = new Thread(null, this::restore, "dolium-terminal-end");
        private boolean restored;

        private RawMode(Fd fd, byte[] before, TerminalGuard guard) {
            this.fd = fd;
            this.before = before;
            this.guard = guard;
            try {
                Runtime.getRuntime().addShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the JVM ends already: the guard sets the mode back
            }
        }

        /// Sets the mode back to what it was. Closing twice does nothing.
        @Override
        public void close() {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the JVM is ending, and the hook runs
            }
        }

        private synchronized void restore() {
            if (restored) {
                return;
            }
            restored = true;
            guard.close(); // first: it must not undo what the next program sets
            try {
                TerminalCalls.setMode(fd, before);
            } catch (IOException e) {
                // it was hung up, and there is nothing to set back
            }
        }
    }

    /// Reads only what is there, and waits by the poller: the descriptor is shared with other programs and stays blocking.
    private static final class Typed extends InputStream {
        private static final int ROOM = 4096;

        private final Fd fd;

        Typed(Fd fd) {
            this.fd = fd;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            try (Arena arena = Arena.ofConfined()) {
                Poller.shared().await(fd, Poller.IN, null);
                Memory buffer = Memory.allocate(arena, ROOM);
                int n = (int) Kernel.check(
                        Kernel.call(Sys.READ, fd.number(), buffer.address(), Math.min(length, ROOM)), "read(" + fd + ")");
                buffer.get(0, target, offset, n);
                return n == 0 && length > 0 ? -1 : n;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the terminal");
            }
        }
    }
}
