// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import org.dolium.kernel.Fd;
import org.dolium.launch.AttachSocket;
import org.dolium.launch.PipeOutput;
import org.dolium.plan.Step;
import org.dolium.state.LogTape;
import org.jspecify.annotations.Nullable;

/// A connection with the standard streams of a detached container, until it is closed: that detaches from it, and the container
/// goes on as if nobody had been there. So it does if this JVM ends, however that happens.
///
/// ```java
/// DetachedContainer shell = containers.start(builder.command("sh").terminal());
/// try (Attachment attached = shell.attach()) {
///     attached.resize(50, 132);
///     attached.input().write("ls\r".getBytes(StandardCharsets.UTF_8));
///     attached.output().transferTo(System.out); // until it ends, or another thread closes the attachment
/// }
/// ```
///
/// What is printed comes from the container's log, byte for byte; nobody who reads slowly, or not at all, makes the container wait or
/// takes anything from others. Input is written by this JVM itself: that of several attachments is mixed as it comes. Methods may
/// be called from any thread.
public final class Attachment implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final DetachedContainer container;
    private final @Nullable ContainerTerminal terminal;
    private final OutputStream input;
    private final LogStream output;
    private final @Nullable LogStream error;

    private Attachment(
            DetachedContainer container, @Nullable ContainerTerminal terminal, @Nullable Stdin stdin, LogStream output,
            @Nullable LogStream error) {
        this.container = container;
        this.terminal = terminal;
        this.input = terminal != null ? terminal.input() : stdin != null ? stdin : OutputStream.nullOutputStream();
        this.output = output;
        this.error = error;
    }

    static Attachment of(DetachedContainer container, @Nullable Instant since) throws IOException, InterruptedException {
        LogStream output = log(container, false, since);
        LogStream error = null;
        AttachSocket monitor = null;
        try {
            error = log(container, true, since);
            monitor = container.monitorSocket();
            Fd input = monitor == null ? null : monitor.ask(Step.Monitor.SHARE, ANSWER_LIMIT);
            if (monitor != null && input != null && !TerminalCalls.isMaster(input)) {
                return new Attachment(container, null, new Stdin(new PipeOutput(input), monitor), output, error);
            }
            close(monitor);
            if (input == null) {
                return new Attachment(container, null, null, output, error);
            }
            ContainerTerminal terminal = ContainerTerminal.toType();
            terminal.take(input);
            error.close();
            return new Attachment(container, terminal, null, output, null);
        } catch (IOException | InterruptedException | RuntimeException e) {
            output.close();
            if (error != null) {
                error.close();
            }
            close(monitor);
            throw e;
        }
    }

    private static void close(@Nullable AttachSocket monitor) {
        if (monitor != null) {
            monitor.close();
        }
    }

    private static LogStream log(DetachedContainer container, boolean error, @Nullable Instant since) throws IOException {
        LogTape tape = container.openLog();
        try {
            if (since == null) {
                tape.toEnd();
            }
            return new LogStream(container, tape, error, since);
        } catch (IOException | RuntimeException e) {
            tape.close();
            throw e;
        }
    }

    /// Whether what is written to [#input] reaches the container: it has a terminal or [ContainerBuilder#openStdin], nobody has ended
    /// its input, and it ran when this was made.
    public boolean hasInput() {
        return terminal != null || input instanceof Stdin;
    }

    /// Whether the container has a terminal.
    public boolean hasTerminal() {
        return terminal != null;
    }

    /// What the command reads. Closing it ends that for the command when all who are attached have closed it or detached; a terminal gets the
    /// character that stands for the end, as from [ContainerBuilder#terminal]. [#close] does not end it. Without input, all is dropped.
    public OutputStream input() {
        return input;
    }

    /// What the command prints to standard output or to its terminal; the end comes when the container has ended. Its reader finds all
    /// that was printed, as long as it is not slower than the log is long.
    public InputStream output() {
        return output;
    }

    /// What the command prints to standard error; nothing if it has a terminal.
    public InputStream error() {
        return error == null ? InputStream.nullInputStream() : error;
    }

    /// See [Container#resize].
    ///
    /// @throws IllegalStateException if this is closed or there is no terminal
    public void resize(int rows, int columns) throws IOException {
        terminal().resize(new TerminalSize(rows, columns));
    }

    /// See [Container#terminalSize].
    ///
    /// @throws IllegalStateException if this is closed or there is no terminal
    public TerminalSize terminalSize() {
        return terminal().size();
    }

    private ContainerTerminal terminal() {
        if (terminal == null) {
            throw new IllegalStateException("the container has no terminal");
        }
        return terminal;
    }

    /// Detaches. Readers that wait get an [IOException].
    @Override
    public void close() {
        output.close();
        if (error != null) {
            error.close();
        }
        if (terminal != null) {
            terminal.close();
        } else if (input instanceof Stdin stdin) {
            stdin.letGo();
        }
    }

    @Override
    public String toString() {
        return "attachment to " + container;
    }

    /// A pipe of which the monitor has a copy until it is asked for it.
    private static final class Stdin extends OutputStream {
        private final PipeOutput pipe;
        private final AttachSocket monitor;
        private boolean ended;

        Stdin(PipeOutput pipe, AttachSocket monitor) {
            this.pipe = pipe;
            this.monitor = monitor;
        }

        @Override
        public void write(int b) throws IOException {
            pipe.write(b);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            pipe.write(source, offset, length);
        }

        synchronized void letGo() {
            ended = true;
            pipe.close();
            monitor.close();
        }

        @Override
        public synchronized void close() throws IOException {
            if (ended) {
                return;
            }
            ended = true;
            pipe.close();
            try (monitor) {
                Fd last = monitor.ask(Step.Monitor.TAKE, ANSWER_LIMIT);
                if (last != null) {
                    last.close();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while the input of a container was ended");
            }
        }
    }
}
