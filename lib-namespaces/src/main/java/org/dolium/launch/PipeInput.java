// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The reading end of a pipe, or the master of a terminal, as a stream. A read parks the calling thread, so virtual threads are not pinned.
public final class PipeInput extends InputStream {
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int FIONREAD = 0x541B;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int CHUNK = 65536;
    private static final int MOST_SPLICED = 1 << 20;
    private static final int SPLICE_F_MOVE_NONBLOCK = 3;
    /// A stream that brought so much without a pause flows.
    private static final int MUCH = 1 << 20;
    private static final int WIDE_PIPE = 1 << 18;
    private static final int WIDE_CHUNK = 1 << 17;
    /// A quarter of what the kernel lets the pipes of a plain user hold.
    private static final int MOST_WIDE = 64;

    /// The last one is taken first: it still is in the processor's cache.
    private static final ConcurrentLinkedDeque<Memory> IDLE = new ConcurrentLinkedDeque<>();
    private static final AtomicInteger WIDE = new AtomicInteger();

    private final StreamFd stream;
    private final AtomicBoolean wide = new AtomicBoolean();
    private boolean asked;
    private long come;
    /// What was read of a wide pipe and is not yet taken, from `at` to `end`.
    private @Nullable Memory ahead;
    private int at;
    private int end;

    public PipeInput(Fd fd) throws ErrnoException {
        stream = new StreamFd(fd);
        Kernel.check(Kernel.call(Sys.FCNTL, fd.number(), F_SETFL, O_NONBLOCK), "fcntl(F_SETFL, O_NONBLOCK)");
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        stream.takeTurn();
        try {
            while (true) {
                int n = readNow(target, offset, length);
                if (n != 0) {
                    return n;
                }
                if (!Thread.currentThread().isVirtual() || !awaitHere()) {
                    stream.await(Poller.IN);
                }
            }
        } finally {
            stream.giveTurn();
        }
    }

    /// Reads what is there now.
    ///
    /// @return the number of bytes, 0 if there is nothing yet, -1 at the end
    public int tryRead(byte[] target, int offset, int length) throws IOException {
        stream.hold();
        try {
            return readNow(target, offset, length);
        } finally {
            stream.release();
        }
    }

    /// If the stream flows: waits some milliseconds for more, on the calling thread. That is faster than to be woken by another.
    ///
    /// @return whether something is there, or the end
    public boolean awaitBriefly() throws IOException {
        stream.takeTurn();
        try {
            return awaitHere();
        } finally {
            stream.giveTurn();
        }
    }

    private boolean awaitHere() throws IOException {
        if (come < MUCH) {
            return false;
        }
        boolean more = stream.pollBriefly(Poller.IN);
        come = more ? come : 0;
        return more;
    }

    /// Moves what is there now to `file` without reading it; see splice(2).
    ///
    /// @return the number of bytes, 0 if there is nothing yet, -1 at the end
    public int trySplice(Fd file) throws IOException {
        stream.hold();
        try {
            while (true) {
                long n = Kernel.call(
                        Sys.SPLICE, stream.fd().number(), 0, file.number(), 0, MOST_SPLICED, SPLICE_F_MOVE_NONBLOCK);
                if (n == 0) {
                    return -1;
                } else if (n == -Errno.EAGAIN.value()) {
                    return 0;
                } else if (n != -Errno.EINTR.value()) {
                    Kernel.check(n, "splice(" + stream.fd() + ", NULL, " + file + ", NULL)");
                    come += n;
                    return (int) n;
                }
            }
        } finally {
            stream.release();
        }
    }

    private synchronized int readNow(byte[] target, int offset, int length) throws IOException {
        if (at == end) {
            Memory own = ahead;
            if (own == null) {
                return readPooled(target, offset, length);
            }
            int n = readInto(own, WIDE_CHUNK);
            if (n < 0) {
                narrow();
            }
            if (n <= 0) {
                return n;
            }
            at = 0;
            end = n;
        }
        int n = Math.min(length, end - at);
        Objects.requireNonNull(ahead).get(at, target, offset, n);
        at += n;
        return n;
    }

    /// The area is one of those that are kept: as many as there were readers at once, and no reader waits with one.
    private int readPooled(byte[] target, int offset, int length) throws IOException {
        Memory idle = IDLE.poll();
        Memory buffer = idle == null ? Memory.allocate(Arena.global(), CHUNK) : idle;
        try {
            int n = readInto(buffer, Math.min(length, CHUNK));
            if (n > 0) {
                buffer.get(0, target, offset, n);
            }
            if (come >= MUCH && !asked) {
                asked = true;
                widen();
            }
            return n;
        } finally {
            IDLE.push(buffer);
        }
    }

    private int readInto(Memory buffer, int size) throws IOException {
        while (true) {
            long n = Kernel.call(Sys.READ, stream.fd().number(), buffer.address(), size);
            if (n == 0 || n == -Errno.EIO.value()) { // of a terminal: nobody has it open any more
                return -1;
            } else if (n > 0) {
                come += n;
                return (int) n;
            } else if (n == -Errno.EAGAIN.value()) {
                return 0;
            } else if (n != -Errno.EINTR.value()) {
                throw new ErrnoException("read(" + stream.fd() + ")", Kernel.errno(n));
            }
        }
    }

    /// Fewer and larger pieces mean fewer changes between the one who prints and the one who reads. Whether it can be had does not
    /// matter: a terminal is no pipe, and the kernel may refuse it.
    private void widen() {
        if (WIDE.incrementAndGet() > MOST_WIDE
                || Kernel.failed(Kernel.call(Sys.FCNTL, stream.fd().number(), F_SETPIPE_SZ, WIDE_PIPE))) {
            WIDE.decrementAndGet();
            return;
        }
        wide.set(true);
        ahead = Memory.allocate(Arena.ofAuto(), WIDE_CHUNK);
    }

    /// Another one may be wide now.
    private void narrow() {
        if (wide.getAndSet(false)) {
            WIDE.decrementAndGet();
        }
    }

    /// The descriptor, for waiting on several streams at once.
    public Fd fd() {
        return stream.fd();
    }

    @Override
    public int available() throws IOException {
        stream.hold();
        try (Arena arena = Arena.ofConfined()) {
            Memory count = Memory.allocate(arena, 8);
            Kernel.check(
                    Kernel.call(Sys.IOCTL, stream.fd().number(), FIONREAD, count.address()), "ioctl(FIONREAD)");
            return count.getInt(0) + unread();
        } finally {
            stream.release();
        }
    }

    private synchronized int unread() {
        return end - at;
    }

    @Override
    public void close() {
        narrow();
        stream.close();
    }
}
