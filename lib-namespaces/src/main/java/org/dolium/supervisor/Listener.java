// SPDX-License-Identifier: Apache-2.0
package org.dolium.supervisor;

import java.lang.foreign.Arena;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.launch.Poller;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The JVM's end of a filter: here come the calls that wait, and from here they are answered. See seccomp_unotify(2).
///
/// Its methods never wait. Once it is closed, nobody waits any more: what waited and what comes later fails with `ENOSYS`.
public final class Listener implements AutoCloseable {
    private static final int RECV = 0xc0502100;
    private static final int SEND = 0xc0182101;
    private static final int ID_VALID = 0x40082102;
    private static final int CONTINUE = 1;
    private static final int GET_ACTION_AVAIL = 2;
    private static final int USER_NOTIF = 0x7fc00000;
    /// Today the structure has 80 bytes.
    private static final int ROOM = 256;

    private final Fd fd;
    private final Memory memory = Memory.allocate(Arena.ofAuto(), ROOM);
    private long watch = -1;

    public Listener(Fd fd) {
        this.fd = fd;
    }

    /// Whether this kernel can make calls wait.
    public static boolean isSupported() {
        try (Arena arena = Arena.ofConfined()) {
            Memory action = Memory.allocate(arena, 4);
            action.putInt(0, USER_NOTIF);
            return Kernel.call(Sys.SECCOMP, GET_ACTION_AVAIL, 0, action.address()) == 0;
        }
    }

    /// Has `handler` told once when there is a call, or when there will never be one again.
    public synchronized void watch(Poller.Handler handler) throws ErrnoException {
        if (fd.isOpen()) {
            watch = Poller.shared().watch(fd, Poller.IN, handler);
        }
    }

    /// The next call that waits. Only to be called when the poller says that there is one: else it would wait for it.
    ///
    /// @return nothing if who made the call is gone
    public synchronized @Nullable Notification receive() {
        if (!fd.isOpen()) {
            return null;
        }
        memory.clear();
        if (Kernel.call(Sys.IOCTL, fd.number(), RECV, memory.address()) != 0) {
            return null;
        }
        long[] arguments = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = memory.getLong(32 + 8 * i);
        }
        return new Notification(memory.getLong(0), memory.getInt(8), memory.getInt(16), arguments);
    }

    /// Lets the call be made.
    public void proceed(Notification call) throws ErrnoException {
        send(call, 0, 0, CONTINUE);
    }

    /// Lets the call return `value` without being made.
    public void give(Notification call, long value) throws ErrnoException {
        send(call, value, 0, 0);
    }

    /// Lets the call fail without being made.
    public void fail(Notification call, int errno) throws ErrnoException {
        send(call, 0, -errno, 0);
    }

    /// Who made the call may be gone, or was interrupted; then there is nothing to answer.
    private synchronized void send(Notification call, long value, int error, int flags) throws ErrnoException {
        if (!fd.isOpen()) {
            return;
        }
        memory.putLong(0, call.id());
        memory.putLong(8, value);
        memory.putInt(16, error);
        memory.putInt(20, flags);
        long result = Kernel.call(Sys.IOCTL, fd.number(), SEND, memory.address());
        if (result != -Errno.ENOENT.value()) {
            Kernel.check(result, "ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND)");
        }
    }

    /// Whether the call still waits. What was read of its process before is its own then.
    public synchronized boolean waits(Notification call) {
        if (!fd.isOpen()) {
            return false;
        }
        memory.putLong(0, call.id());
        return Kernel.call(Sys.IOCTL, fd.number(), ID_VALID, memory.address()) == 0;
    }

    @Override
    public synchronized void close() {
        if (watch >= 0) {
            Poller.shared().cancel(watch);
        }
        fd.close();
    }
}
