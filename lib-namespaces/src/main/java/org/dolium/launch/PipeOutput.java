// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.util.Objects;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// The writing end of a child's standard input as a stream. A write that must wait parks the calling thread. It is one end of a socket pair
/// shut down for the other direction, of a pipe, or the master of a terminal; writing to a closed one is an [IOException], as the JVM
/// handles `SIGPIPE`.
public final class PipeOutput extends OutputStream {
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int CHUNK = 65536;

    private final StreamFd stream;

    public PipeOutput(Fd fd) throws ErrnoException {
        stream = new StreamFd(fd);
        Kernel.check(Kernel.call(Sys.FCNTL, fd.number(), F_SETFL, O_NONBLOCK), "fcntl(F_SETFL, O_NONBLOCK)");
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        stream.takeTurn();
        try {
            int done = 0;
            while (done < length) {
                int n = writeNow(source, offset + done, length - done);
                if (n == 0) {
                    stream.await(Poller.OUT);
                }
                done += n;
            }
        } finally {
            stream.giveTurn();
        }
    }

    private int writeNow(byte[] source, int offset, int length) throws IOException {
        int size = Math.min(length, CHUNK);
        try (Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, size);
            buffer.put(0, source, offset, size);
            long n = Kernel.call(Sys.WRITE, stream.fd().number(), buffer.address(), size);
            if (n == -Errno.EAGAIN.value() || n == -Errno.EINTR.value()) {
                return 0;
            }
            if (n == -Errno.EPIPE.value() || n == -Errno.EIO.value()) {
                throw new IOException("broken pipe: the container closed its standard input");
            }
            return (int) Kernel.check(n, "write(" + stream.fd() + ")");
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
