// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.OutputStream;
import org.dolium.launch.PipeOutput;

/// What is typed into a container's terminal. A terminal has no end of file of its own: closing this types the character that
/// stands for it, unless the command has switched lines off.
final class TerminalInput extends OutputStream {
    private final PipeOutput master;
    private final ContainerTerminal terminal;
    private boolean inLine;
    private boolean closed;

    TerminalInput(PipeOutput master, ContainerTerminal terminal) {
        this.master = master;
        this.terminal = terminal;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        master.write(source, offset, length);
        if (length > 0) {
            byte last = source[offset + length - 1];
            inLine = last != '\n' && last != '\r';
        }
    }

    /// In a line the character only ends the line, so it takes two.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        int end = terminal.endOfFile();
        try {
            for (int i = end < 0 ? 2 : inLine ? 0 : 1; i < 2; i++) {
                master.write(end);
            }
        } catch (IOException e) {
            // nobody is there to read it
        } finally {
            master.close();
        }
    }

    /// Closes it and types nothing.
    void hangUp() {
        synchronized (this) {
            closed = true;
        }
        master.close();
    }
}
