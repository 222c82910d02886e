// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// Waits for a short-lived child on the thread that wants its result, which spares two changes of threads.
///
/// Only for a platform thread, and only for some milliseconds: a call in the kernel pins the carrier of a virtual
/// thread and does not heed interrupts. Afterwards the poller goes on.
public final class DirectWait implements AutoCloseable {
    /// How long it is worth while.
    public static final long LIMIT_NANOS = 20_000_000;

    private static final int POLLIN = 1;
    private static final int SLOT = 8;
    private static final int END = 0;
    private static final int OUT = 1;
    private static final int ERR = 2;
    private static final int ASKS = 3;
    private static final int SLOTS = 4;
    private static final long NANOS = 1_000_000_000L;

    private final LaunchedProcess process;
    private final Arena arena = Arena.ofConfined();
    private final Memory slots = Memory.allocate(arena, SLOTS * SLOT + 16);

    /// @param out the child's output, or null if nobody reads it
    public DirectWait(LaunchedProcess process, @Nullable PipeInput out, @Nullable PipeInput err) {
        this.process = process;
        slot(OUT, out == null ? -1 : out.fd().number());
        slot(ERR, err == null ? -1 : err.fd().number());
        slot(ASKS, process.asks() ? process.status().number() : -1);
    }

    private void slot(int index, int fd) {
        slots.putInt(SLOT * index, fd);
        slots.putShort(SLOT * index + 4, (short) POLLIN);
        slots.putShort(SLOT * index + 6, (short) 0);
    }

    private int events(int index) {
        return slots.getShort(SLOT * index + 6);
    }

    /// Waits until something happens, and reaps the child if it ended.
    ///
    /// @return whether anything happened
    public boolean step(long nanos) throws ErrnoException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Fd end = process.pidfd();
        slot(END, process.numberOf(end));
        if (slots.getInt(SLOT * END) < 0) {
            return false; // another thread saw its end a moment ago
        }
        int time = SLOTS * SLOT;
        slots.putLong(time, nanos / NANOS);
        slots.putLong(time + 8, nanos % NANOS);
        long n = Kernel.call(Sys.PPOLL, slots.address(), SLOTS, slots.address() + time, 0, SLOT, 0);
        if (n == -Errno.EINTR.value()) {
            return true;
        }
        Kernel.check(n, "ppoll(" + SLOTS + ")");
        if (events(ASKS) != 0 && (process.drain() || process.hasAsked())) {
            slot(ASKS, -1);
        }
        if (events(END) != 0) {
            process.reap(end);
        }
        return n > 0;
    }

    /// Whether output can be read without waiting.
    public boolean outReadable() {
        return (events(OUT) & POLLIN) != 0;
    }

    public boolean errReadable() {
        return (events(ERR) & POLLIN) != 0;
    }

    /// Whether the output has just ended; told once.
    public boolean outEnded() {
        return ended(OUT);
    }

    public boolean errEnded() {
        return ended(ERR);
    }

    private boolean ended(int index) {
        boolean ended = events(index) != 0 && (events(index) & POLLIN) == 0;
        if (ended) {
            slot(index, -1);
        }
        return ended;
    }

    @Override
    public void close() {
        if (process.hasAsked()) {
            process.drain(); // nobody has looked since then whether the command runs
        }
        arena.close();
    }
}
