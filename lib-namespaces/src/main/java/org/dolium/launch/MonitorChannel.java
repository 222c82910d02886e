// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;

/// What the JVM and a monitor say to each other. The container's process says something, too, until it executes its program.
final class MonitorChannel implements TerminalOwner, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FORKED = 0xc0000000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int RECORD = 8;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 0x80102;
    private static final int TWO_DESCRIPTORS = 24;

    private final Fd socket;
    private final LaunchPlan plan;
    private int pid;
    private boolean bound;
    private boolean confirmed;

    MonitorChannel(Fd socket, LaunchPlan plan) {
        this.socket = socket;
        this.plan = plan;
    }

    /// Waits until the monitor has told of the container, and the container is bound to it.
    ///
    /// @return the pid of the container's first process
    int awaitContainer() throws IOException, InterruptedException {
        while (pid == 0 || !bound) {
            await(PATIENCE);
        }
        return pid;
    }

    /// Has the monitor outlive the JVM.
    void release(Duration timeout) throws IOException, InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            Memory go = Memory.copy(arena, new byte[] {'G'});
            Kernel.call(Sys.SENDTO, socket.number(), go.address(), 1, MSG_NOSIGNAL);
        }
        while (!confirmed) {
            await(timeout);
        }
    }

    private void await(Duration timeout) throws IOException, InterruptedException {
        if (!Poller.shared().await(socket, Poller.IN | Poller.HANGUP, timeout)) {
            throw new IOException("the monitor of a container did not answer within " + timeout);
        }
        if (!receive()) {
            throw new IOException("the monitor of a container has ended: it was killed");
        }
    }

    /// Takes what was said so far.
    ///
    /// @throws LaunchException if a step of the monitor's plan failed
    void check() throws LaunchException {
        receive();
    }

    /// @return whether there can be more
    private boolean receive() throws LaunchException {
        try (Arena arena = Arena.ofConfined()) {
            Memory message = Memory.allocate(arena, 16);
            boolean ended = false;
            while (true) {
                long n = Kernel.call(Sys.RECVFROM, socket.number(), message.address(), 16, MSG_DONTWAIT);
                if (n == RECORD) {
                    record(message.getInt(0), message.getInt(4));
                } else if (n == 1) {
                    bound |= message.getByte(0) == Step.Monitor.BOUND;
                    confirmed |= message.getByte(0) == Step.Monitor.CONFIRMED;
                } else if (n == -Errno.EAGAIN.value()) {
                    return true;
                } else if (n == 0 && !ended) {
                    ended = true; // the kernel looks at the queue first, and may meet an end that came with a last message after that
                } else if (n != -Errno.EINTR.value() && n != -Errno.ECONNRESET.value()) {
                    return confirmed;
                }
            }
        }
    }

    private void record(int step, int errno) throws LaunchException {
        if ((step & FORKED) == FORKED) {
            pid = -errno;
            return;
        }
        Step failed = plan.steps().get(step);
        String call = failed instanceof Step.Call one
                ? one.call().toString()
                : failed instanceof Step.Monitor monitor ? monitor.call().toString() : failed.toString();
        throw Launcher.failure(call, new Errno(errno));
    }

    /// Gives the container's terminal to the monitor, and a slave of it with it: so that the terminal does not end when the container
    /// has closed it and is going to open it again.
    @Override
    public void take(Fd master) throws ErrnoException {
        try (Fd closed = master) {
            long peer = Kernel.call(Sys.IOCTL, closed.number(), TIOCGPTPEER, O_RDWR_NOCTTY_CLOEXEC, 0);
            try (Fd slave = new Fd((int) Kernel.check(peer, "ioctl(" + closed + ", TIOCGPTPEER)"))) {
                Kernel.check(Kernel.call(Sys.FCNTL, closed.number(), 4, 0x800), "fcntl(F_SETFL, O_NONBLOCK)");
                Kernel.perform(Syscall.of(
                        Sys.SENDMSG, Arg.num(socket.number()), message(closed.number(), slave.number()),
                        Arg.flags(MSG_DONTWAIT | MSG_NOSIGNAL, "MSG_DONTWAIT|MSG_NOSIGNAL")));
            }
        }
    }

    private static Arg.Message message(int master, int slave) {
        byte[] control = new byte[TWO_DESCRIPTORS];
        control[0] = TWO_DESCRIPTORS;
        control[8] = 1; // SOL_SOCKET
        control[12] = 1; // SCM_RIGHTS
        for (int i = 0; i < 4; i++) {
            control[16 + i] = (byte) (master >>> 8 * i);
            control[20 + i] = (byte) (slave >>> 8 * i);
        }
        return new Arg.Message(new byte[] {'T', 'M'}, control, "{\"TM\", SCM_RIGHTS [terminal]}");
    }

    @Override
    public void close() {
        socket.close();
    }
}
