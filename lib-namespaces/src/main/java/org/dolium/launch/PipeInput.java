// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// The reading end of a pipe, or the master of a terminal, as a stream. A read parks the calling thread, so virtual threads are not pinned.
public final class PipeInput extends InputStream {
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int FIONREAD = 0x541B;
    private static final int CHUNK = 65536;
    private static final int MOST_SPLICED = 1 << 20;
    private static final int SPLICE_F_MOVE_NONBLOCK = 3;

    private static final ConcurrentLinkedQueue<Memory> IDLE = new ConcurrentLinkedQueue<>();

    private final StreamFd stream;

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
                stream.await(Poller.IN);
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

    /// Waits some tenths of a millisecond for more, on the calling thread: that is faster than to be woken by another.
    ///
    /// @return whether something is there, or the end
    public boolean awaitBriefly() throws IOException {
        stream.takeTurn();
        try {
            return stream.poll(Poller.IN, StreamFd.MOMENT_NANOS);
        } finally {
            stream.giveTurn();
        }
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
                    return (int) Kernel.check(n, "splice(" + stream.fd() + ", NULL, " + file + ", NULL)");
                }
            }
        } finally {
            stream.release();
        }
    }

    /// The area is one of those that are kept: as many as there were readers at once, and no reader waits with one.
    private int readNow(byte[] target, int offset, int length) throws IOException {
        int size = Math.min(length, CHUNK);
        Memory idle = IDLE.poll();
        Memory buffer = idle == null ? Memory.allocate(Arena.global(), CHUNK) : idle;
        try {
            while (true) {
                long n = Kernel.call(Sys.READ, stream.fd().number(), buffer.address(), size);
                if (n == 0 || n == -Errno.EIO.value()) { // of a terminal: nobody has it open any more
                    return -1;
                } else if (n > 0) {
                    buffer.get(0, target, offset, (int) n);
                    return (int) n;
                } else if (n == -Errno.EAGAIN.value()) {
                    return 0;
                } else if (n != -Errno.EINTR.value()) {
                    throw new ErrnoException("read(" + stream.fd() + ")", Kernel.errno(n));
                }
            }
        } finally {
            IDLE.add(buffer);
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
            return count.getInt(0);
        } finally {
            stream.release();
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
