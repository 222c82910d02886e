// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A message of a child that may bring a descriptor: the listener of its filter, or the master of its terminal.
final class ListenerMessage {
    /// How long the message that brings one is.
    static final int LENGTH = 2;

    private static final byte TERMINAL = 'T';

    private static final int FLAGS = 0x40000000 | 0x40; // MSG_CMSG_CLOEXEC|MSG_DONTWAIT
    private static final int VECTOR = Arg.Message.HEADER;
    private static final int CONTROL = VECTOR + 16;
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_LENGTH = 40;
    private static final int DESCRIPTOR = CONTROL + 16;

    private ListenerMessage() {}

    /// Receives a message, and gives the descriptor that came with it to its owner.
    ///
    /// @return the length, or a negative errno
    /// @throws ErrnoException if a descriptor was sent and can't be had: this JVM has too many of them
    static long receive(
            Fd status, Memory message, @Nullable ListenerOwner listener, @Nullable TerminalOwner terminal)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory header = Memory.allocate(arena, CONTROL + CONTROL_SIZE);
            header.putLong(16, header.address() + VECTOR);
            header.putLong(24, 1);
            header.putLong(32, header.address() + CONTROL);
            header.putLong(CONTROL_LENGTH, CONTROL_SIZE);
            header.putLong(VECTOR, message.address());
            header.putLong(VECTOR + 8, message.size());
            long n = Kernel.call(Sys.RECVMSG, status.number(), header.address(), FLAGS);
            if (n != LENGTH) {
                return n;
            }
            if (header.getLong(CONTROL_LENGTH) < DESCRIPTOR + 4 - CONTROL) {
                throw new ErrnoException(
                        "recvmsg(SCM_RIGHTS [" + (isTerminal(message) ? "terminal" : "listener") + "])", Errno.EMFILE);
            }
            give(new Fd(header.getInt(DESCRIPTOR)), message, listener, terminal);
            return n;
        }
    }

    /// Whether the message that was received brought a terminal; the child does not wait then.
    static boolean isTerminal(Memory message) {
        return message.getByte(0) == TERMINAL;
    }

    private static void give(
            Fd fd, Memory message, @Nullable ListenerOwner listener, @Nullable TerminalOwner terminal)
            throws ErrnoException {
        if (isTerminal(message) && terminal != null) {
            terminal.take(fd);
        } else if (!isTerminal(message) && listener != null) {
            listener.take(fd);
        } else {
            fd.close(); // nobody asked for it
        }
    }
}
