// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.dolium.kernel.Fd;
import org.dolium.launch.PipeInput;
import org.dolium.launch.PipeOutput;
import org.dolium.launch.TerminalOwner;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The JVM's end of one container's terminal, once the child has sent it. It has three descriptors, because epoll(7) knows each
/// only once: what is printed, what is typed, and the window. When all are closed, the kernel hangs up.
final class ContainerTerminal implements TerminalOwner, AutoCloseable {
    private @Nullable Fd window;
    private @Nullable PipeInput printed;
    private @Nullable TerminalInput typed;
    private @Nullable Fd held;
    private final boolean reads;
    private boolean holds;
    private boolean closed;

    /// @param holds whether the terminal does not end before [#letGo], although nobody has it open meanwhile: an init opens its
    ///     console only to print a line
    ContainerTerminal(boolean holds) {
        this(holds, true);
    }

    private ContainerTerminal(boolean holds, boolean reads) {
        this.holds = holds;
        this.reads = reads;
    }

    /// One whose output is another's to read.
    static ContainerTerminal toType() {
        return new ContainerTerminal(false, false);
    }

    @Override
    public synchronized void take(Fd master) throws ErrnoException {
        try {
            if (closed || typed != null || !TerminalCalls.isMaster(master)) {
                throw new ErrnoException("ioctl(" + master + ", TIOCGPTN)", new Errno(25)); // ENOTTY
            }
            held = holds ? TerminalCalls.peer(master) : null;
            window = master.copyAbove(0);
            typed = new TerminalInput(new PipeOutput(master.copyAbove(0)), this);
            if (reads) {
                printed = new PipeInput(master);
            } else {
                master.close();
            }
        } catch (ErrnoException e) {
            master.close();
            close();
            throw e;
        }
    }

    synchronized OutputStream input() {
        return typed == null ? OutputStream.nullOutputStream() : typed;
    }

    synchronized InputStream output() {
        return printed == null ? InputStream.nullInputStream() : printed;
    }

    synchronized @Nullable PipeInput pipe() {
        return printed;
    }

    synchronized TerminalSize size() {
        TerminalSize size = TerminalCalls.size(open());
        return size == null ? TerminalSize.standard() : size;
    }

    synchronized void resize(TerminalSize size) throws IOException {
        TerminalCalls.setSize(open(), size);
    }

    private Fd open() {
        if (window == null || !window.isOpen()) {
            throw new IllegalStateException("the terminal is closed");
        }
        return window;
    }

    /// The character that ends its input now, or -1 if there is none.
    synchronized int endOfFile() {
        byte[] mode = window == null || !window.isOpen() ? null : TerminalCalls.mode(window);
        return mode == null ? -1 : TerminalCalls.endOfFile(mode);
    }

    /// Lets the terminal end when nobody in the container has it open any more.
    synchronized void letGo() {
        holds = false;
        if (held != null) {
            held.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        letGo();
        if (window != null) {
            window.close();
        }
        if (typed != null) {
            typed.hangUp();
        }
        if (printed != null) {
            printed.close();
        }
    }
}
