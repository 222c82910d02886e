// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A stream's descriptor, which one thread may close while others use it or wait for it.
///
/// Closing lets the waiting thread go. The descriptor itself is closed when nobody uses it any more: its number is at
/// once somebody else's, and a read or an epoll_ctl(2) that came late would be for that one. Threads that may have to wait
/// take turns, because epoll(7) knows a descriptor only once.
final class StreamFd {
    /// How long a virtual thread may keep its carrier. Most waits are much shorter, but a timer that is due soon has to be set and
    /// taken back each time, which is dear on virtual machines.
    static final long MOMENT_NANOS = 5_000_000;
    /// How many carriers are kept now: never all.
    private static final AtomicInteger KEPT = new AtomicInteger();
    private static final int MOST_KEPT = mostKept();

    /// How long a platform thread waits in the kernel, where it heeds neither interrupts nor the closing of the stream.
    private static final long HERE_NANOS = 10_000_000;
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;

    private final Fd fd;
    private final ReentrantLock turn = new ReentrantLock();
    private int users;
    private boolean closed;
    private Poller.@Nullable Signal waiting;
    private @Nullable Memory slot;

    StreamFd(Fd fd) {
        this.fd = fd;
    }

    /// There are as many carriers as processors, unless these properties of the JDK say fewer.
    static int mostKept() {
        int most = Runtime.getRuntime().availableProcessors();
        most = Math.min(most, Integer.getInteger("jdk.virtualThreadScheduler.parallelism", most));
        return Math.min(most, Integer.getInteger("jdk.virtualThreadScheduler.maxPoolSize", most)) - 1;
    }

    Fd fd() {
        return fd;
    }

    /// Keeps the descriptor open until [#release].
    synchronized void hold() throws IOException {
        checkOpen();
        users++;
    }

    /// @return whether the descriptor is closed now: nobody uses the stream any more, and nobody will
    synchronized boolean release() {
        users--;
        return closeUnused();
    }

    /// Whether the descriptor is closed.
    synchronized boolean isOver() {
        return closed && users == 0;
    }

    private boolean closeUnused() {
        boolean over = isOver();
        if (over) {
            fd.close();
        }
        return over;
    }

    /// As [#hold], and nobody else may wait until [#giveTurn].
    void takeTurn() throws IOException {
        hold();
        try {
            if (!turn.tryLock()) { // an interrupt matters only to a thread that must wait
                turn.lockInterruptibly();
            }
        } catch (InterruptedException e) {
            release();
            throw interrupted();
        }
    }

    /// As [#release].
    boolean giveTurn() {
        turn.unlock();
        return release();
    }

    /// Parks the calling thread, whose turn it is, until the descriptor is ready.
    ///
    /// @throws IOException if the stream is closed meanwhile
    void await(int interest) throws IOException {
        if (Thread.currentThread().isVirtual() || !pollHere(interest)) {
            park(interest);
        }
    }

    /// As [#await], with no attempt to do without the poller.
    void park(int interest) throws IOException {
        Poller.Signal signal = new Poller.Signal();
        expect(signal);
        try {
            checkOpen();
            long id = Poller.shared().watch(fd, interest, signal);
            try {
                signal.await(null);
            } finally {
                Poller.shared().cancel(id);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            expect(null);
        }
        checkOpen();
    }

    /// As [#poll], on the carrier of a virtual thread.
    boolean pollBriefly(int interest) throws IOException {
        try {
            return KEPT.incrementAndGet() <= MOST_KEPT && poll(interest, MOMENT_NANOS);
        } finally {
            KEPT.decrementAndGet();
        }
    }

    /// As [#poll], for a platform thread.
    boolean pollHere(int interest) throws IOException {
        return poll(interest, HERE_NANOS);
    }

    /// Waits in the kernel, which spares two changes of threads; for the thread whose turn it is.
    ///
    /// @return whether the descriptor is ready; not if nothing was waited for, because the thread is interrupted
    private boolean poll(int interest, long nanos) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        Memory memory = slot == null ? Memory.allocate(Arena.ofAuto(), POLLFD + 16) : slot;
        slot = memory;
        memory.putInt(0, fd.number());
        memory.putInt(EVENTS, interest); // and no results
        memory.putLong(POLLFD, 0);
        memory.putLong(POLLFD + 8, nanos);
        long ready = Kernel.call(Sys.PPOLL, memory.address(), 1, memory.address() + POLLFD, 0, POLLFD, 0);
        checkOpen();
        return ready > 0;
    }

    private synchronized void expect(Poller.@Nullable Signal signal) {
        waiting = signal;
    }

    private synchronized void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("stream closed");
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for a stream");
    }

    /// @return as [#release]
    synchronized boolean close() {
        closed = true;
        if (waiting != null) {
            waiting.ready(0);
        }
        return closeUnused();
    }
}
