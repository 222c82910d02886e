// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// Waits for file descriptors on behalf of every container in the JVM, on one daemon thread with epoll(7).
///
/// Each registration fires once. Handlers run on the poller's thread and must not block.
public final class Poller {
    public static final int IN = 1;
    /// A file of a cgroup has news since it was last read.
    public static final int NEWS = 2;
    public static final int OUT = 4;
    public static final int HANGUP = 0x2000;

    private static final int ONESHOT = 1 << 30;
    private static final int BATCH = 64;
    private static final int CLOEXEC = 0x80000;
    private static final int FOREVER = -1;
    private static final long SHUTDOWN_PAUSE_NANOS = 1_000_000;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int DATA = Kernel.ARCH == Arch.X86_64 ? 4 : 8;
    private static final int EVENT = DATA + 8;

    /// What to do when a descriptor is ready.
    public interface Handler {
        /// @param events [#IN], [#OUT] and `EPOLLHUP`; without [#IN] there is nothing to read, and there never will be
        void ready(int events);
    }

    /// A registration. It is taken, by the poller or by [#cancel], together with its removal from epoll and under its
    /// lock: a removal that came late would hit the next registration of the same descriptor.
    private static final class Watch {
        final int fd;
        final Handler handler;
        boolean taken;

        Watch(int fd, Handler handler) {
            this.fd = fd;
            this.handler = handler;
        }
    }

    private final Fd epoll;
    private final Fd wakeUp;
    private final Memory one = Memory.allocate(Arena.global(), 8);
    private volatile boolean jvmEnds;
    private final ConcurrentHashMap<Long, Watch> watches = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final Memory events = Memory.allocate(Arena.global(), EVENT * BATCH);

    private Poller() {
        try {
            epoll = new Fd((int) Kernel.check(Kernel.call(Sys.EPOLL_CREATE1, CLOEXEC), "epoll_create1(EPOLL_CLOEXEC)"));
            wakeUp = new Fd((int) Kernel.check(Kernel.call(Sys.EVENTFD2, 0, CLOEXEC, 0), "eventfd2(0, EFD_CLOEXEC)"));
            one.putLong(0, 1);
            watch(wakeUp, IN, new Handler() {
                @Override
                public void ready(int events) {}
            });
        } catch (ErrnoException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static final class Holder {
        static final Poller SHARED = started();

        private static Poller started() {
            Poller poller = new Poller();
            DaemonThreads.start("dolium-poller", new Runnable() {
                @Override
                public void run() {
                    poller.loop();
                }
            });
            leaveKernelAtEnd(poller);
            return poller;
        }

        private static void leaveKernelAtEnd(Poller poller) {
            Thread hook = new Thread(null, new Runnable() {
                @Override
                public void run() {
                    poller.leaveKernel();
                }
            }, "dolium-shutdown");
            try {
                Runtime.getRuntime().addShutdownHook(hook);
            } catch (IllegalStateException e) {
                poller.leaveKernel(); // the JVM ends already: a shutdown hook starts its first container
            }
        }
    }

    /// The poller of this JVM; its thread starts at the first use.
    public static Poller shared() {
        return Holder.SHARED;
    }

    /// Calls `handler` once when `fd` becomes ready. The descriptor must stay open until then or until [#cancel].
    ///
    /// @param interest [#IN], [#NEWS], [#OUT] or [#HANGUP]
    /// @return a key for [#cancel]
    public long watch(Fd fd, int interest, Handler handler) throws ErrnoException {
        long id = ids.incrementAndGet();
        int number = fd.number();
        watches.put(id, new Watch(number, handler));
        long result = control(CTL_ADD, number, interest | ONESHOT, id);
        if (Kernel.failed(result)) {
            watches.remove(id);
            throw new ErrnoException("epoll_ctl(EPOLL_CTL_ADD, " + number + ")", Kernel.errno(result));
        }
        return id;
    }

    /// Forgets a registration.
    ///
    /// @return whether its handler had not been taken up yet
    public boolean cancel(long id) {
        Watch watch = watches.get(id);
        return watch != null && take(id, watch);
    }

    private boolean take(long id, Watch watch) {
        synchronized (watch) {
            if (watch.taken) {
                return false;
            }
            watch.taken = true;
            control(CTL_DEL, watch.fd, 0, 0);
            watches.remove(id);
            return true;
        }
    }

    /// Parks the calling thread, virtual or not, until `fd` is ready.
    ///
    /// @param timeout how long to wait, or null for ever
    /// @return false if the time ran out
    public boolean await(Fd fd, int interest, @org.jspecify.annotations.Nullable Duration timeout)
            throws ErrnoException, InterruptedException {
        Signal signal = new Signal();
        long id = watch(fd, interest, signal);
        try {
            return signal.await(timeout);
        } finally {
            cancel(id);
        }
    }

    private void loop() {
        while (!jvmEnds) {
            step(FOREVER);
        }
        while (true) {
            step(0);
            LockSupport.parkNanos(SHUTDOWN_PAUSE_NANOS);
        }
    }

    /// A JVM that ends waits 300 ms for a thread that is in native code. So from here on the poller looks and sleeps in
    /// turn; it goes on working, because other shutdown hooks may close containers.
    private void leaveKernel() {
        jvmEnds = true;
        Kernel.call(Sys.WRITE, wakeUp.number(), one.address(), 8);
    }

    /// One wait and the handlers of what came.
    private void step(int timeoutMillis) {
        long n = Kernel.call(Sys.EPOLL_PWAIT, epoll.number(), events.address(), BATCH, timeoutMillis, 0, 8);
        if (Kernel.failed(n)) {
            if (!Kernel.errno(n).equals(Errno.EINTR)) {
                throw new AssertionError("epoll_pwait failed: " + Kernel.errno(n));
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            long id = events.getLong(EVENT * i + DATA);
            Watch watch = watches.get(id);
            if (watch != null && take(id, watch)) {
                dispatch(watch.handler, events.getInt(EVENT * i));
            }
        }
    }

    private static void dispatch(Handler handler, int events) {
        try {
            handler.ready(events);
        } catch (RuntimeException | Error e) { // whatever it is, the other containers go on
            System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "a poll handler failed", e);
        }
    }

    private long control(int operation, int fd, int interest, long id) {
        try (Arena arena = Arena.ofConfined()) {
            Memory event = Memory.allocate(arena, EVENT);
            event.putInt(0, interest);
            event.putLong(DATA, id);
            return Kernel.call(Sys.EPOLL_CTL, epoll.number(), operation, fd, event.address());
        }
    }

    /// A handler that wakes the thread that made it.
    public static final class Signal implements Handler {
        private final Thread waiter = Thread.currentThread();
        private volatile boolean set;

        @Override
        public void ready(int events) {
            set = true;
            LockSupport.unpark(waiter);
        }

        public boolean await(@org.jspecify.annotations.Nullable Duration timeout) throws InterruptedException {
            long deadline = timeout == null ? 0 : System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
            while (!set) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (timeout == null) {
                    LockSupport.park(this);
                } else {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return false;
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
            return true;
        }
    }
}
