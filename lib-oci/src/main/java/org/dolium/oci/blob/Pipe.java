// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Bytes on their way from one thread to another, at most a few buffers of them. Whoever writes waits for room, whoever reads waits for
/// bytes; either may give up, and the other gets an error.
public final class Pipe {
    /// How large a buffer is.
    public static final int BUFFER = 1 << 17;

    private static final int BUFFERS = 4;

    /// Some bytes, or the end.
    private static final class Chunk {
        final byte[] bytes;
        int length;

        Chunk(int size) {
            bytes = new byte[size];
        }
    }

    private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(BUFFERS + 2);
    private final Chunk end = new Chunk(0);
    private final In in = new In();
    private int made;
    private @Nullable Chunk filling;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;
    private volatile boolean complete;

    /// Where the bytes come out. Closing it, from whatever thread, wakes both sides.
    public InputStream in() {
        return in;
    }

    /// Whether all was written.
    boolean isComplete() {
        return complete;
    }

    /// Writes; the bytes may be changed afterwards.
    ///
    /// @throws IOException if nobody reads any more
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            Chunk chunk = room();
            int part = Math.min(length - done, BUFFER - chunk.length);
            System.arraycopy(bytes, offset + done, chunk.bytes, chunk.length, part);
            chunk.length += part;
            done += part;
            pass(chunk, BUFFER);
        }
    }

    /// Writes what a stream gives, up to its end, without a copy on the way.
    void fill(InputStream from) throws IOException {
        while (true) {
            Chunk chunk = room();
            int read = from.read(chunk.bytes, chunk.length, BUFFER - chunk.length);
            if (read < 0) {
                return;
            }
            chunk.length += read;
            pass(chunk, BUFFER / 2);
        }
    }

    private void pass(Chunk chunk, int enough) {
        if (chunk.length >= enough) {
            filling = null;
            full.add(chunk);
        }
    }

    private Chunk room() throws IOException {
        Chunk chunk = filling;
        if (chunk == null) {
            if (made < BUFFERS && free.isEmpty()) {
                made++;
                chunk = new Chunk(BUFFER);
            } else {
                chunk = taken(free);
                chunk.length = 0;
            }
            filling = chunk;
        }
        if (closed) {
            throw new IOException("nobody reads any more");
        }
        return chunk;
    }

    /// Says that all was written.
    public void finish() {
        Chunk rest = filling;
        filling = null;
        if (rest != null && rest.length > 0) {
            full.add(rest);
        }
        complete = true;
        full.add(end);
    }

    /// Says that no more will come, and why. Who reads gets the same exception after what was written before.
    public void fail(Throwable why) {
        failure = why;
        full.add(end);
    }

    private static Chunk taken(BlockingQueue<Chunk> queue) throws IOException {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted between two threads of a download");
        }
    }

    private final class In extends InputStream {
        private @Nullable Chunk chunk;
        private int at;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (closed) {
                ended();
            }
            Chunk current = chunk;
            if (current == null || at == current.length) {
                current = next(current);
            }
            if (current == end || length == 0) {
                return length == 0 ? 0 : -1;
            }
            int part = Math.min(length, current.length - at);
            System.arraycopy(current.bytes, at, bytes, offset, part);
            at += part;
            return part;
        }

        private Chunk next(@Nullable Chunk before) throws IOException {
            if (before == end) {
                ended();
                return end;
            }
            if (before != null) {
                free.add(before);
            }
            chunk = taken(full);
            at = 0;
            if (chunk == end || closed) {
                ended();
            }
            return chunk;
        }

        private void ended() throws IOException {
            switch (failure) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {
                    if (!complete || closed) {
                        throw new IOException("the stream is closed");
                    }
                }
            }
        }

        @Override
        public void close() {
            closed = true;
            free.offer(end);
            full.offer(end);
        }
    }
}
