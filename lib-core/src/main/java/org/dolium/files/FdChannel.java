// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;

/// An open regular file of a container. It stays what it is when its name goes to another file.
final class FdChannel implements SeekableByteChannel {
    private static final int CHUNK = 1 << 16;
    private static final int SEEK_END = 2;

    private final Fd file;
    private final String shown;
    private final boolean reads;
    private final boolean writes;
    private final boolean appends;
    private final Memory memory = Memory.allocate(Arena.ofAuto(), CHUNK);
    private final byte[] bytes = new byte[CHUNK];
    private long position;

    FdChannel(Fd file, String shown, boolean reads, boolean writes, boolean appends) {
        this.file = file;
        this.shown = shown;
        this.reads = reads;
        this.writes = writes;
        this.appends = appends;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!file.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        checkOpen();
        if (!reads) {
            throw new NonReadableChannelException();
        }
        if (!target.hasRemaining()) {
            return 0;
        }
        int most = Math.min(CHUNK, target.remaining());
        long read = Kernel.call(Sys.PREAD64, file.number(), memory.address(), most, position);
        int length = (int) FileFailures.check(read, "pread64", shown);
        memory.get(0, bytes, 0, length);
        target.put(bytes, 0, length);
        position += length;
        return length == 0 ? -1 : length;
    }

    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        checkOpen();
        if (!writes) {
            throw new NonWritableChannelException();
        }
        int all = source.remaining();
        if (appends) {
            position = size();
        }
        while (source.hasRemaining()) {
            int length = Math.min(CHUNK, source.remaining());
            source.get(source.position(), bytes, 0, length);
            memory.put(0, bytes, 0, length);
            long written = Kernel.call(Sys.PWRITE64, file.number(), memory.address(), length, position);
            int done = (int) FileFailures.check(written, "pwrite64", shown);
            source.position(source.position() + done);
            position += done;
        }
        return all;
    }

    @Override
    public synchronized long position() throws IOException {
        checkOpen();
        return position;
    }

    @Override
    public synchronized SeekableByteChannel position(long newPosition) throws IOException {
        checkOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position " + newPosition + " is negative");
        }
        position = newPosition;
        return this;
    }

    @Override
    public synchronized long size() throws IOException {
        checkOpen();
        return FileFailures.check(Kernel.call(Sys.LSEEK, file.number(), 0, SEEK_END), "lseek", shown);
    }

    @Override
    public synchronized SeekableByteChannel truncate(long size) throws IOException {
        checkOpen();
        if (!writes) {
            throw new NonWritableChannelException();
        }
        if (size < size()) {
            FileFailures.check(Kernel.call(Sys.FTRUNCATE, file.number(), size, 0), "ftruncate", shown);
        }
        position = Math.min(position, size);
        return this;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public synchronized void close() {
        file.close();
    }
}
