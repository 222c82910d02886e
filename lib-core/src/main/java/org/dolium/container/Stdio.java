// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.launch.PipeInput;
import org.dolium.launch.PipeOutput;
import org.jspecify.annotations.Nullable;

/// The three standard streams of one container: the child's descriptors, which are closed after the launch, and the
/// JVM's ends of the pipes or of the terminal.
final class Stdio implements AutoCloseable {
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_TRUNC = 0x200;
    private static final int O_APPEND = 0x400;

    private final List<Fd> child = new ArrayList<>(3);
    private final List<Fd> owned = new ArrayList<>(3);
    private @Nullable PipeOutput input;
    private @Nullable PipeInput output;
    private @Nullable PipeInput error;
    private final @Nullable ContainerTerminal terminal;
    private @Nullable OutputPump outPump;
    private @Nullable OutputPump errPump;

    private Stdio(@Nullable ContainerTerminal terminal) {
        this.terminal = terminal;
    }

    static Stdio open(Redirect in, Redirect out, Redirect err, boolean mergeError) throws IOException {
        Stdio stdio = new Stdio(null);
        try {
            stdio.openInput(in);
            stdio.output = stdio.openOutput(out, 1);
            if (mergeError) {
                stdio.child.add(stdio.child.get(1));
            } else {
                stdio.error = stdio.openOutput(err, 2);
            }
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.close();
            throw e;
        }
    }

    /// Has Dolium itself read what was wished for.
    Stdio with(@Nullable OutputWishes wishes, Redirect out, Redirect err, boolean mergeError) throws IOException {
        try {
            if (wishes != null) {
                outPump = wishes.outPump(out);
                errPump = wishes.errPump(err, mergeError || terminal != null);
            }
            return this;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Begins to read what Dolium reads itself, now that the command runs.
    void begin() {
        if (outPump != null) {
            outPump.begin(pipe(), -1);
        }
        if (errPump != null) {
            errPump.begin(error, -1);
        }
    }

    /// Standard output as far as `limit`, of whoever reads it.
    Captured captureOutput(int limit) {
        return capture(outPump, pipe(), limit);
    }

    Captured captureError(int limit) {
        return capture(errPump, error, limit);
    }

    private static Captured capture(@Nullable OutputPump pump, @Nullable PipeInput stream, int limit) {
        Captured captured = pump == null ? null : pump.begin(stream, limit);
        return captured == null ? new Captured(pump == null ? stream : null, limit) : captured;
    }

    /// Waits until what was printed is told, after the end of the command.
    void awaitPumps() throws InterruptedException {
        if (outPump != null) {
            outPump.awaitEnd();
        }
        if (errPump != null) {
            errPump.awaitEnd();
        }
    }

    @Nullable OutputPump outPump() {
        return outPump;
    }

    @Nullable OutputPump errPump() {
        return errPump;
    }

    /// Streams that are a terminal, which the child allocates and sends.
    ///
    /// @param holds see [ContainerTerminal]
    static Stdio ofTerminal(boolean holds) throws IOException {
        Stdio stdio = new Stdio(new ContainerTerminal(holds));
        stdio.own(Fd.open("/dev/null", O_RDWR, 0));
        stdio.child.add(stdio.child.get(0));
        stdio.child.add(stdio.child.get(0));
        return stdio;
    }

    private void openInput(Redirect from) throws IOException {
        if (from.type() == Redirect.Type.INHERIT) {
            child.add(new Fd(0));
        } else if (from.type() == Redirect.Type.PIPE) {
            Fd[] pipe = Fd.pipe();
            own(pipe[0]);
            input = new PipeOutput(pipe[1]);
        } else {
            own(Fd.open(path(from), 0, 0));
        }
    }

    private @Nullable PipeInput openOutput(Redirect to, int number) throws IOException {
        switch (to.type()) {
            case INHERIT -> child.add(new Fd(number));
            case PIPE -> {
                Fd[] pipe = Fd.pipe();
                own(pipe[1]);
                return new PipeInput(pipe[0]);
            }
            case APPEND -> own(Fd.open(path(to), O_WRONLY | O_CREAT | O_APPEND, 0666));
            default -> own(Fd.open(path(to), O_WRONLY | O_CREAT | O_TRUNC, 0666));
        }
        return null;
    }

    private void own(Fd fd) {
        child.add(fd);
        owned.add(fd);
    }

    private static String path(Redirect redirect) {
        File file = redirect.file();
        if (file == null) {
            throw new IllegalArgumentException("redirect " + redirect + " names no file");
        }
        return file.getAbsolutePath();
    }

    /// The descriptors for the child's 0, 1 and 2.
    List<Fd> childEnds() {
        return child;
    }

    /// Closes the child's ends, which the child has copies of.
    void launched() {
        for (int i = 0; i < owned.size(); i++) {
            owned.get(i).close();
        }
    }

    @Nullable ContainerTerminal terminal() {
        return terminal;
    }

    OutputStream input() {
        if (terminal != null) {
            return terminal.input();
        }
        return input == null ? OutputStream.nullOutputStream() : input;
    }

    InputStream output() {
        if (outPump != null) {
            return InputStream.nullInputStream();
        }
        if (terminal != null) {
            return terminal.output();
        }
        return output == null ? InputStream.nullInputStream() : output;
    }

    InputStream error() {
        return error == null || errPump != null ? InputStream.nullInputStream() : error;
    }

    private @Nullable PipeInput pipe() {
        return terminal == null ? output : terminal.pipe();
    }

    /// Closes every end that Dolium opened; the JVM's own streams stay open.
    @Override
    public void close() {
        launched();
        if (outPump != null) {
            outPump.close();
        }
        if (errPump != null) {
            errPump.close();
        }
        if (terminal != null) {
            terminal.close();
        }
        if (input != null) {
            input.close();
        }
        if (output != null) {
            output.close();
        }
        if (error != null) {
            error.close();
        }
    }
}
