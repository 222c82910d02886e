// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// The body of an answer, given up when nothing comes for a while, or too little, or when its deadline has passed. Only for the
/// last, time in which nobody reads counts.
final class WatchedStream extends InputStream {
    private final InputStream in;
    private final long patience;
    private final long bytesPerSecond;
    private final Deadline deadline;
    private final ScheduledFuture<?> watch;
    private volatile long waitingSince = Long.MAX_VALUE;
    private volatile boolean expired;
    private long windowNanos;
    private long windowBytes;

    WatchedStream(InputStream in, ScheduledExecutorService clock, Duration patience, long bytesPerSecond, Deadline deadline) {
        this.in = in;
        this.patience = patience.toNanos();
        this.bytesPerSecond = bytesPerSecond;
        this.deadline = deadline;
        long step = Math.max(1, this.patience / 8);
        watch = clock.scheduleWithFixedDelay(this::look, step, step, TimeUnit.NANOSECONDS);
    }

    private void look() {
        long since = waitingSince;
        boolean silent = since != Long.MAX_VALUE && System.nanoTime() - since > patience;
        if (silent || deadline.isOver()) {
            expired = true;
            try {
                in.close();
            } catch (IOException e) { // whoever reads gets an error
                expired = true;
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        long begun = System.nanoTime();
        waitingSince = begun;
        int read;
        try {
            read = in.read(bytes, offset, length);
        } catch (IOException e) {
            throw expired ? slow() : e;
        } finally {
            waitingSince = Long.MAX_VALUE;
        }
        if (expired) {
            throw slow();
        }
        count(System.nanoTime() - begun, Math.max(read, 0));
        return read;
    }

    private void count(long nanos, int bytes) throws IOException {
        windowNanos += nanos;
        windowBytes += bytes;
        if (windowNanos > patience) {
            if (windowBytes < bytesPerSecond * (windowNanos / 1e9)) {
                close();
                throw slow();
            }
            windowNanos = 0;
            windowBytes = 0;
        }
    }

    private HttpTimeoutException slow() {
        if (deadline.isOver()) {
            return deadline.exception();
        }
        return new HttpTimeoutException("the answer comes too slowly: less than " + bytesPerSecond + " bytes a second for "
                + Duration.ofNanos(patience));
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        in.close();
    }
}
