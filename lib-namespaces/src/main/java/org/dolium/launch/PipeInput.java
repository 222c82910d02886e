// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.LineEnds;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The reading end of a pipe, or the master of a terminal, as a stream. A read parks the calling thread, so virtual threads are not pinned.
public final class PipeInput extends InputStream {
    /// The most that one read brings.
    public static final int CHUNK = 65536;

    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int FIONREAD = 0x541B;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int PIPE = 65536;
    private static final int MOST_SPLICED = 1 << 20;
    private static final int SPLICE_F_MOVE_NONBLOCK = 3;
    /// A stream that brought so much without a pause flows. It pauses where nothing comes for 5 ms after a read that found nothing.
    private static final int MUCH = 1 << 20;
    private static final int WIDE_PIPE = 1 << 18;
    /// With two pipes each, a quarter of what the kernel lets those of a plain user hold. Each has an area of [#AREAS], which grow to no more.
    private static final int MOST_WIDE = 32;

    /// The last one is taken first: it still is in the processor's cache.
    private static final ConcurrentLinkedDeque<Memory> IDLE = new ConcurrentLinkedDeque<>();
    private static final ConcurrentLinkedDeque<Memory> AREAS = new ConcurrentLinkedDeque<>();
    private static final AtomicInteger WIDE = new AtomicInteger();

    private final StreamFd stream;
    /// Since the last pause: whether a wide pipe was asked for, and how much came.
    private boolean asked;
    private long come;
    /// When a read found nothing, and since when nothing came; 0 if something did.
    private long quiet;
    /// What was read of a wide pipe and is not yet taken, from `at` to `end`.
    private @Nullable Memory ahead;
    private int at;
    private int end;
    /// If it is wide: another pipe on the way, and how much of what is read is in there.
    private Fd @Nullable [] between;
    private int moved;
    /// Until the next pause: that there is no such pipe to be had.
    private boolean direct;

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
        takeTurn();
        try {
            while (true) {
                int n = readNow(target, offset, length, null);
                if (n != 0) {
                    return n;
                }
                if (!awaitHere()) {
                    stream.park(Poller.IN);
                }
            }
        } finally {
            dropIf(stream.giveTurn());
        }
    }

    /// Whoever is interrupted before it is his turn may be the last who used the stream.
    private void takeTurn() throws IOException {
        try {
            stream.takeTurn();
        } catch (IOException e) {
            dropIf(stream.isOver());
            throw e;
        }
    }

    /// Reads what is there now.
    ///
    /// @return the number of bytes, 0 if there is nothing yet, -1 at the end
    public int tryRead(byte[] target, int offset, int length) throws IOException {
        return tryRead(target, offset, length, null);
    }

    /// As [#tryRead(byte\[\], int, int)], and finds where lines end in what is read, if the stream flows and `target` has room for a whole
    /// piece, which is [#CHUNK] bytes at most.
    public int tryRead(byte[] target, int offset, int length, @Nullable LineEnds ends) throws IOException {
        stream.hold();
        try {
            return readNow(target, offset, length, ends);
        } finally {
            dropIf(stream.release());
        }
    }

    /// If the stream flows: waits some milliseconds for more, on the calling thread. That is faster than to be woken by another.
    ///
    /// @return whether something is there, or the end
    public boolean awaitBriefly() throws IOException {
        takeTurn();
        try {
            return awaitHere();
        } finally {
            dropIf(stream.giveTurn());
        }
    }

    private boolean awaitHere() throws IOException {
        boolean virtual = Thread.currentThread().isVirtual();
        if (virtual && come < MUCH) {
            return false;
        }
        boolean more = virtual ? stream.pollBriefly(Poller.IN) : stream.pollHere(Poller.IN);
        if (!more) {
            come = 0;
            heedPause();
        }
        return more;
    }

    /// Moves what is there now to `file` without reading it; see splice(2).
    ///
    /// What flows is moved into another pipe first: whoever prints is kept out of his pipe as long as it is spliced, and
    /// a file takes its time. Not for a stream of which something was read.
    ///
    /// @return the number of bytes, 0 if there is nothing yet, -1 at the end
    public int trySplice(Fd file) throws IOException {
        stream.hold();
        try {
            return spliceNow(file);
        } finally {
            dropIf(stream.release());
        }
    }

    private synchronized int spliceNow(Fd file) throws IOException {
        adapt();
        Fd[] between = between();
        int n = splice(stream.fd(), between == null ? file : between[1], MOST_SPLICED);
        if (n < 0) {
            narrow();
        }
        try {
            for (int left = between == null ? 0 : n; left > 0; ) {
                int gone = splice(Objects.requireNonNull(between)[0], file, left);
                if (gone <= 0) {
                    throw new IOException("splice(" + file + ") takes nothing: it is no file");
                }
                left -= gone;
            }
        } catch (IOException | RuntimeException e) {
            drop(); // what is left in there would be taken for what comes next
            throw e;
        }
        return n;
    }

    /// @return as [#trySplice]
    private int splice(Fd from, Fd to, int most) throws ErrnoException {
        while (true) {
            long n = Kernel.call(Sys.SPLICE, from.number(), 0, to.number(), 0, most, SPLICE_F_MOVE_NONBLOCK);
            if (n == 0) {
                return -1;
            } else if (n == -Errno.EAGAIN.value()) {
                return from == stream.fd() ? came(0) : 0;
            } else if (n != -Errno.EINTR.value()) {
                Kernel.check(n, "splice(" + from + ", NULL, " + to + ", NULL)");
                return from == stream.fd() ? came(n) : (int) n;
            }
        }
    }

    /// The pipe that what flows goes through, or null.
    private synchronized Fd @Nullable [] between() {
        if (ahead != null && between == null && !direct) {
            try {
                between = Fd.pipe();
                direct = !resize(between[0], WIDE_PIPE);
            } catch (ErrnoException e) {
                direct = true;
            }
            if (direct) {
                closeBetween();
            }
        }
        return between;
    }

    private void closeBetween() {
        if (between != null) {
            between[0].close();
            between[1].close();
            between = null;
            moved = 0;
        }
    }

    private synchronized int readNow(byte[] target, int offset, int length, @Nullable LineEnds ends) throws IOException {
        if (ends != null) {
            ends.forget();
        }
        if (at == end) {
            adapt();
            Memory own = ahead;
            if (own == null) {
                return readPooled(target, offset, length);
            }
            int n = readAhead(own);
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
        Memory area = Objects.requireNonNull(ahead);
        area.get(at, target, offset, n);
        if (ends != null && n == end) {
            ends.find(area, n, CHUNK);
        }
        at += n;
        return n;
    }

    /// Who prints is kept out of his pipe as long as it is read, so all that is in it is moved to another first, which takes no time.
    private int readAhead(Memory area) throws IOException {
        Fd[] between = between();
        if (between == null) {
            return readInto(area, CHUNK);
        }
        if (moved == 0) {
            int n;
            try {
                n = splice(stream.fd(), between[1], WIDE_PIPE);
            } catch (ErrnoException e) { // nothing was moved, so it may still be read: a sandbox of the JVM may forbid splice(2) alone
                direct = true;
                closeBetween();
                return readInto(area, CHUNK);
            }
            if (n <= 0) {
                return n;
            }
            moved = n;
        }
        long n = -Errno.EINTR.value();
        while (n == -Errno.EINTR.value()) {
            n = Kernel.call(Sys.READ, between[0].number(), area.address(), Math.min(moved, CHUNK));
        }
        if (n <= 0) {
            drop(); // what is left in there would be taken for what comes next
            throw new ErrnoException("read(" + between[0] + ")", Kernel.errno(n));
        }
        moved -= (int) n;
        return (int) n;
    }

    /// The area is one of those that are kept: as many as there were readers at once, and no reader waits with one.
    private int readPooled(byte[] target, int offset, int length) throws IOException {
        Memory buffer = take(IDLE, CHUNK);
        try {
            int n = readInto(buffer, Math.min(length, CHUNK));
            if (n > 0) {
                buffer.get(0, target, offset, n);
            }
            return n;
        } finally {
            IDLE.push(buffer);
        }
    }

    private static Memory take(ConcurrentLinkedDeque<Memory> kept, int size) {
        Memory idle = kept.poll();
        return idle == null ? Memory.allocate(Arena.global(), size) : idle;
    }

    private int readInto(Memory buffer, int size) throws IOException {
        while (true) {
            long n = Kernel.call(Sys.READ, stream.fd().number(), buffer.address(), size);
            if (n == 0 || n == -Errno.EIO.value()) { // of a terminal: nobody has it open any more
                return -1;
            } else if (n > 0 || n == -Errno.EAGAIN.value()) {
                return came(Math.max(0, n));
            } else if (n != -Errno.EINTR.value()) {
                throw new ErrnoException("read(" + stream.fd() + ")", Kernel.errno(n));
            }
        }
    }

    private int came(long n) {
        if (n > 0) {
            come += n;
            quiet = 0;
        } else if (quiet == 0) {
            quiet = System.nanoTime() | 1;
        }
        return (int) n;
    }

    /// Makes the pipe as wide as what comes is worth.
    private synchronized void adapt() {
        heedPause();
        if (come >= MUCH && !asked) {
            asked = true;
            widen();
        }
    }

    /// Who pauses gives his place to others, and flows again when he brings much once more.
    private synchronized void heedPause() {
        if (quiet != 0 && System.nanoTime() - quiet >= StreamFd.MOMENT_NANOS) {
            quiet = 0;
            come = 0;
            if (ahead == null) {
                asked = false;
            } else if (unread() == 0 && resize(stream.fd(), PIPE)) { // not if more came meanwhile than a smaller pipe holds
                asked = false;
                drop();
            }
        }
    }

    /// Fewer and larger pieces mean fewer changes between the one who prints and the one who reads. Whether it can be had does not
    /// matter: a terminal is no pipe, and the kernel may refuse it.
    private void widen() {
        try {
            if (WIDE.incrementAndGet() <= MOST_WIDE) {
                Memory area = take(AREAS, LineEnds.room(CHUNK));
                if (resize(stream.fd(), WIDE_PIPE)) {
                    ahead = area;
                } else {
                    AREAS.push(area);
                }
            }
        } finally {
            if (ahead == null) {
                WIDE.decrementAndGet();
            }
        }
    }

    /// There will be no more.
    private synchronized void narrow() {
        if (ahead != null) {
            resize(stream.fd(), PIPE);
            drop();
        }
    }

    private static boolean resize(Fd pipe, int size) {
        return !Kernel.failed(Kernel.call(Sys.FCNTL, pipe.number(), F_SETPIPE_SZ, size));
    }

    /// Another one may be wide now.
    private synchronized void drop() {
        Memory area = ahead;
        closeBetween();
        direct = false;
        if (area != null) {
            ahead = null;
            AREAS.push(area);
            WIDE.decrementAndGet();
        }
    }

    private void dropIf(boolean over) {
        if (over) {
            drop();
        }
    }

    /// The descriptor, for waiting on several streams at once.
    public Fd fd() {
        return stream.fd();
    }

    @Override
    public int available() throws IOException {
        stream.hold();
        try {
            return availableNow();
        } finally {
            dropIf(stream.release());
        }
    }

    /// At once with [#unread()], so that nothing is counted twice that somebody reads meanwhile.
    private synchronized int availableNow() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory count = Memory.allocate(arena, 8);
            Kernel.check(
                    Kernel.call(Sys.IOCTL, stream.fd().number(), FIONREAD, count.address()), "ioctl(FIONREAD)");
            return count.getInt(0) + unread();
        }
    }

    private synchronized int unread() {
        return end - at + moved;
    }

    @Override
    public void close() {
        dropIf(stream.close());
    }
}
