// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.ReentrantLock;
import org.dolium.kernel.Fd;
import org.jspecify.annotations.Nullable;

/// A stream's descriptor, which one thread may close while others use it or wait for it.
///
/// Closing lets the waiting thread go. The descriptor itself is closed when nobody uses it any more: its number is at
/// once somebody else's, and a read or an epoll_ctl(2) that came late would be for that one. Threads that may have to wait
/// take turns, because epoll(7) knows a descriptor only once.
final class StreamFd {
    private final Fd fd;
    private final ReentrantLock turn = new ReentrantLock();
    private int users;
    private boolean closed;
    private Poller.@Nullable Signal waiting;

    StreamFd(Fd fd) {
        this.fd = fd;
    }

    Fd fd() {
        return fd;
    }

    /// Keeps the descriptor open until [#release].
    synchronized void hold() throws IOException {
        checkOpen();
        users++;
    }

    synchronized void release() {
        users--;
        if (closed && users == 0) {
            fd.close();
        }
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

    void giveTurn() {
        turn.unlock();
        release();
    }

    /// Parks the calling thread, whose turn it is, until the descriptor is ready.
    ///
    /// @throws IOException if the stream is closed meanwhile
    void await(int interest) throws IOException {
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

    synchronized void close() {
        closed = true;
        if (waiting != null) {
            waiting.ready(0);
        }
        if (users == 0) {
            fd.close();
        }
    }
}
