// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.dolium.state.LogRecord;
import org.dolium.state.LogTape;
import org.jspecify.annotations.Nullable;

/// Reads the log of a detached container line by line; see [ContainerLogs#open]. For one thread at a time.
public final class LogReader implements AutoCloseable {
    private final ContainerLogs wanted;
    private final LogTape tape;
    private final RunLog log;
    private @Nullable LogNews news;
    private final LogLines output = new LogLines(false);
    private final LogLines error = new LogLines(true);
    private final Deque<LogLine> ready = new ArrayDeque<>();
    private boolean atEnd;
    private boolean caughtUp;
    private boolean closed;

    LogReader(ContainerLogs wanted, LogTape tape) throws IOException {
        this.wanted = wanted;
        this.tape = tape;
        this.log = new RunLog(wanted.container, tape);
        if (wanted.tail == 0 && wanted.follows) {
            tape.toEnd(); // now, and not when the first line is asked for
            caughtUp = true;
        }
    }

    /// The next line, or null at the end: of what there is, or with [ContainerLogs#follow] of the container.
    ///
    /// @throws IOException also if the log is damaged
    public @Nullable LogLine next() throws IOException, InterruptedException {
        if (closed) {
            throw new IllegalStateException("the reader is closed");
        }
        if (wanted.tail >= 0 && !caughtUp) {
            catchUp();
        }
        while (ready.isEmpty() && !atEnd) {
            if (!readOne()) {
                atRest();
            }
        }
        return ready.poll();
    }

    private void catchUp() throws IOException {
        caughtUp = true;
        boolean over = !wanted.follows || isOver(); // asked before the last is read
        while (readOne()) {
            keepTail();
        }
        if (over) {
            finish();
            keepTail();
        }
    }

    private void keepTail() {
        while (ready.size() > wanted.tail) {
            ready.remove();
        }
    }

    /// @return false if there is no more so far
    private boolean readOne() throws IOException {
        LogRecord record = wanted.follows ? log.read() : tape.next();
        if (record == null) {
            return false;
        }
        boolean chosen = record.error() ? wanted.error : wanted.output;
        if (chosen) {
            (record.error() ? error : output).add(record, this::take);
        }
        return true;
    }

    private void take(LogLine line) {
        Instant until = wanted.until;
        if (until != null && !line.time().isBefore(until)) {
            return;
        }
        if (wanted.since == null || !line.time().isBefore(wanted.since)) {
            ready.add(line);
        }
    }

    /// All is read that there is: the end, or time to wait.
    private void atRest() throws IOException, InterruptedException {
        boolean over = !wanted.follows;
        while (!over) {
            if (news == null) {
                news = new LogNews(tape.folder());
            } else {
                news.await();
            }
            if (readOne()) {
                news.read();
                return;
            }
            over = isOver(); // asked before the last is read
            if (readOne()) {
                return;
            }
        }
        finish();
    }

    private void finish() {
        output.end(this::take);
        error.end(this::take);
        atEnd = true;
    }

    private boolean isOver() throws IOException {
        Instant until = wanted.until;
        return until != null && !Instant.now().isBefore(until) || log.isOver();
    }

    /// Whether some of the log was deleted before it was read: the reader was slower than the container. Or its monitor was killed in the
    /// middle of writing.
    public boolean missed() {
        return tape.missed();
    }

    /// Closing twice does nothing.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tape.close();
            if (news != null) {
                news.close();
            }
        }
    }
}
