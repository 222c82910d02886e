// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.util.Objects;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;

/// A regular file that is open. Its lock ends when it is closed, at the latest with this process.
public final class OpenFile implements AutoCloseable {
    private static final int MOST = 1 << 18;
    private static final int FICLONE = 0x40049409;

    private final Fd fd;
    private final String shown;

    OpenFile(Fd fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    public FileStatus status() throws ErrnoException {
        return FileCalls.status(fd, shown);
    }

    /// Takes a lock, unless somebody has it.
    public boolean tryLock(boolean exclusive) throws ErrnoException {
        return FileCalls.tryLock(fd, exclusive, shown);
    }

    /// Waits for a lock.
    ///
    /// @throws IOException if it isn't free for so long
    public void lock(boolean exclusive, long millis) throws IOException {
        FileCalls.lock(fd, exclusive, millis, shown);
    }

    /// Waits until the content is on the disk.
    public void sync() throws ErrnoException {
        FileCalls.check(Kernel.call(Sys.FSYNC, fd.number()), "fsync", shown);
    }

    /// Takes the content of another file, which the file system stores once from then on, if it can do that.
    public boolean sharesContentOf(OpenFile other) {
        return Kernel.call(Sys.IOCTL, fd.number(), FICLONE, other.fd.number()) == 0;
    }

    /// The content. Closing the stream closes the file. A thread may close it while another one reads, which gets an error then.
    public InputStream input() {
        return new Input(true);
    }

    /// The content. Closing the stream does not close the file.
    public InputStream content() {
        return new Input(false);
    }

    /// Writes at the end of what was written to this stream; closing it does not close the file.
    public OutputStream output() {
        return new Output();
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "'" + shown + "'";
    }

    /// Memory for a transfer, in an arena that any thread may use and close.
    private static final class Transfer implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final Memory memory;

        Transfer(int size) {
            memory = Memory.allocate(arena, size);
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private final class Input extends InputStream {
        private final boolean closesFile;
        private Transfer transfer = new Transfer(1 << 12);
        private long offset;
        private boolean closed;

        Input(boolean closesFile) {
            this.closesFile = closesFile;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public synchronized int read(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            if (closed) { // the memory is somebody else's
                throw new IOException(OpenFile.this + " was closed while it was read");
            }
            if (length == 0) {
                return 0;
            }
            int most = Math.min(length, MOST);
            if (most > transfer.memory.size()) {
                transfer.close();
                transfer = new Transfer(most);
            }
            long read = Kernel.call(Sys.PREAD64, fd.number(), transfer.memory.address(), most, offset);
            FileCalls.check(read, "pread64", shown);
            transfer.memory.get(0, bytes, from, (int) read);
            offset += read;
            return read == 0 ? -1 : (int) read;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                transfer.close();
                if (closesFile) {
                    OpenFile.this.close();
                }
            }
        }
    }

    private final class Output extends OutputStream {
        private final Transfer transfer = new Transfer(1 << 17);
        private long offset;
        private boolean closed;

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            for (int done = 0; done < length; ) {
                int part = Math.min(length - done, transfer.memory.size());
                transfer.memory.put(0, bytes, from + done, part);
                long written = Kernel.call(Sys.PWRITE64, fd.number(), transfer.memory.address(), part, offset);
                if (written == -Errno.EINTR.value()) {
                    continue;
                }
                FileCalls.check(written, "pwrite64", shown);
                done += (int) written;
                offset += written;
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                transfer.close();
            }
        }
    }
}
