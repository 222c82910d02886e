// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.dolium.state.LogRecord;
import org.dolium.state.LogTape;
import org.jspecify.annotations.Nullable;

/// What one stream of a detached container prints, as bytes, until the container has ended. Closing lets a waiting reader go.
final class LogStream extends InputStream {
    private final LogTape tape;
    private final RunLog log;
    private final LogNews news;
    private final boolean error;
    private final @Nullable Instant since;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean closed;
    private byte[] bytes = new byte[0];
    private int place;
    private boolean over;
    private boolean atEnd;

    /// @param tape which this closes
    /// @param error whether it is standard error
    /// @param since what was printed before is left out; null for nothing
    LogStream(DetachedContainer container, LogTape tape, boolean error, @Nullable Instant since) throws IOException {
        this.tape = tape;
        this.log = new RunLog(container, tape);
        this.news = new LogNews(tape.folder());
        this.error = error;
        this.since = since;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        turn.lock();
        try {
            checkOpen();
            while (length > 0 && place == bytes.length && !atEnd) {
                next();
            }
            int n = Math.min(length, bytes.length - place);
            System.arraycopy(bytes, place, target, offset, n);
            place += n;
            return n == 0 && length > 0 ? -1 : n;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for what a container prints");
        } finally {
            release();
        }
    }

    private void next() throws IOException, InterruptedException {
        LogRecord record = log.read();
        while (record == null && !over) {
            checkOpen();
            news.await();
            record = log.read();
            if (record == null) {
                over = log.isOver(); // asked before the last is read
                record = log.read();
            }
        }
        checkOpen();
        atEnd = record == null;
        if (record != null) {
            news.read();
        }
        boolean chosen = record != null && record.error() == error && (since == null || !record.time().isBefore(since));
        bytes = chosen ? record.bytes() : new byte[0];
        place = 0;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("stream closed");
        }
    }

    @Override
    public int available() {
        return turn.tryLock() ? counted() : 0;
    }

    private int counted() {
        try {
            return bytes.length - place;
        } finally {
            release();
        }
    }

    /// Whoever has it last closes what is behind it.
    private void release() {
        if (closed) {
            tape.close();
            news.close();
        }
        turn.unlock();
        if (closed && turn.tryLock()) {
            tape.close();
            news.close();
            turn.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        if (turn.tryLock()) {
            release();
        }
    }
}
