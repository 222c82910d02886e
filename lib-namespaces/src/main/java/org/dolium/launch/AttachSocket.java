// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.jspecify.annotations.Nullable;

/// Where a monitor is asked for what its container reads: a socket in the container's directory, which only its owner can enter.
///
/// A request is one datagram of one byte, [Step.Monitor#SHARE] or [Step.Monitor#TAKE], that brings the asker's end of a pair of
/// sockets; the answer comes there, with the descriptor. So the monitor accepts no connections, waits for nobody, and keeps nothing
/// of an asker. See unix(7).
public final class AttachSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
    private static final int MSG_DONTWAIT_NOSIGNAL = 0x4040;
    private static final int MSG_DONTWAIT_CLOEXEC = 0x40000040;
    private static final int VECTOR = Arg.Message.HEADER;
    private static final int CONTROL = VECTOR + 16;
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_LENGTH = 40;
    private static final int DESCRIPTOR = CONTROL + 16;
    private static final int ANSWER = CONTROL + CONTROL_SIZE;
    private static final int ANSWER_LENGTH = 8;

    private final Fd socket;

    private AttachSocket(Fd socket) {
        this.socket = socket;
    }

    /// Makes it, where there is none, for the monitor.
    public static Fd create(Fd directory, String name) throws ErrnoException {
        Fd socket = socket();
        try {
            Kernel.perform(Syscall.of(Sys.FCHMOD, Arg.num(socket.number()), Arg.octal(0600))); // what the name gets
            Kernel.perform(named(Sys.BIND, socket, directory, name));
            return socket;
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    private static Fd socket() throws ErrnoException {
        return new Fd((int) Kernel.perform(Syscall.of(
                Sys.SOCKET, Arg.flags(AF_UNIX, "AF_UNIX"),
                Arg.flags(SOCK_DGRAM_CLOEXEC_NONBLOCK, "SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK"), Arg.num(0))));
    }

    /// An address has room for 108 bytes, fewer than the path of a state directory may have.
    private static Syscall named(Sys sys, Fd socket, Fd directory, String name) {
        String path = "/proc/self/fd/" + directory.number() + "/" + name;
        byte[] text = path.getBytes(StandardCharsets.US_ASCII);
        byte[] address = new byte[2 + text.length + 1];
        address[0] = AF_UNIX;
        System.arraycopy(text, 0, address, 2, text.length);
        return Syscall.of(
                sys, Arg.num(socket.number()), new Arg.Bytes(address, "{sun_family=AF_UNIX, sun_path=\"" + path + "\"}"),
                Arg.num(address.length));
    }

    /// Connects with the monitor that is there now: never with that of the container's next run, whose socket has the same name.
    ///
    /// @return null if there is none that could be asked
    public static @Nullable AttachSocket connect(Fd directory, String name) throws ErrnoException {
        Fd socket = socket();
        try {
            Kernel.perform(named(Sys.CONNECT, socket, directory, name));
            return new AttachSocket(socket);
        } catch (ErrnoException e) {
            socket.close();
            if (e.errno().equals(Errno.ENOENT) || e.errno().equals(Errno.ECONNREFUSED)) {
                return null;
            }
            throw e;
        }
    }

    /// Asks for what the container reads: the write end of a pipe, or the master of its terminal.
    ///
    /// @param kind [Step.Monitor#SHARE] or [Step.Monitor#TAKE]
    /// @return null if there is nothing: it reads nothing, somebody has taken it, or its monitor has ended
    /// @throws IOException also if the monitor does not answer in time: then it is stopped
    @SuppressWarnings("try") // their end is closed early, so that the monitor's end of it is seen
    public @Nullable Fd ask(char kind, Duration timeout) throws IOException, InterruptedException {
        Fd[] pair = Fd.socketPair();
        try (Fd own = pair[0];
                Fd theirs = pair[1]) {
            if (!send(theirs, kind, timeout)) {
                return null;
            }
            theirs.close();
            await(own, Poller.IN | Poller.HANGUP, timeout);
            return receive(own);
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private static void await(Fd fd, int interest, Duration timeout) throws IOException, InterruptedException {
        if (!Poller.shared().await(fd, interest, timeout)) {
            throw new IOException("the monitor of the container did not answer within " + timeout + ": it is stopped, or the machine is busy");
        }
    }

    /// @return false if the monitor has ended
    private boolean send(Fd theirs, char kind, Duration timeout) throws IOException, InterruptedException {
        Arg.Message message = Arg.Message.withDescriptor(new byte[] {(byte) kind}, theirs.number());
        Syscall call = Syscall.of(
                Sys.SENDMSG, Arg.num(socket.number()), message, Arg.flags(MSG_DONTWAIT_NOSIGNAL, "MSG_DONTWAIT|MSG_NOSIGNAL"));
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                Kernel.perform(call);
                return true;
            } catch (ErrnoException e) {
                if (e.errno().equals(Errno.ECONNREFUSED) || e.errno().equals(Errno.ECONNRESET)) {
                    return false;
                }
                if (!e.errno().equals(Errno.EAGAIN)) {
                    throw e;
                }
            }
            await(socket, Poller.OUT | Poller.HANGUP, Duration.ofNanos(Math.max(1, end - System.nanoTime()))); // others ask, too
        }
    }

    /// @return null if the other end was closed without an answer
    private static @Nullable Fd receive(Fd own) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory header = Memory.allocate(arena, ANSWER + ANSWER_LENGTH);
            header.putLong(16, header.address() + VECTOR);
            header.putLong(24, 1);
            header.putLong(32, header.address() + CONTROL);
            header.putLong(CONTROL_LENGTH, CONTROL_SIZE);
            header.putLong(VECTOR, header.address() + ANSWER);
            header.putLong(VECTOR + 8, ANSWER_LENGTH);
            long n = Kernel.call(Sys.RECVMSG, own.number(), header.address(), MSG_DONTWAIT_CLOEXEC);
            if (n == -Errno.ECONNRESET.value()) {
                return null;
            }
            if (Kernel.check(n, "recvmsg(" + own + ")") == 0) {
                return null;
            }
            if (header.getLong(CONTROL_LENGTH) < DESCRIPTOR + 4 - CONTROL) {
                throw new ErrnoException("recvmsg(SCM_RIGHTS [input])", Errno.EMFILE);
            }
            return new Fd(header.getInt(DESCRIPTOR));
        }
    }
}
