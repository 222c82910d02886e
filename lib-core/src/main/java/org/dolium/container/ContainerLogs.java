// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.dolium.state.LogTape;
import org.jspecify.annotations.Nullable;

/// What a detached container has printed, as lines with their times: a question, to be narrowed and then asked. Immutable.
///
/// ```java
/// container.logs().tail(100).forEach(line -> System.out.println(line.text()));
/// container.logs().follow().forEach(line -> …); // until it has ended
/// ```
///
/// Lines of one stream are in the order in which they were printed, those of both in the order in which they ended. None is lost or told
/// twice, also while the files of the log are exchanged for new ones, as long as the reader is not slower than all files together
/// are long: see [LogReader#missed].
public final class ContainerLogs {
    final DetachedContainer container;
    final long tail;
    final @Nullable Instant since;
    final @Nullable Instant until;
    final boolean output;
    final boolean error;
    final boolean follows;

    ContainerLogs(DetachedContainer container) {
        this(container, -1, null, null, true, true, false);
    }

    private ContainerLogs(
            DetachedContainer container, long tail, @Nullable Instant since, @Nullable Instant until, boolean output, boolean error,
            boolean follows) {
        this.container = container;
        this.tail = tail;
        this.since = since;
        this.until = until;
        this.output = output;
        this.error = error;
        this.follows = follows;
    }

    /// Only the last `lines` of what there is, and with [#follow] what comes then.
    public ContainerLogs tail(long lines) {
        if (lines < 0) {
            throw new IllegalArgumentException("number of lines " + lines + " is negative");
        }
        return new ContainerLogs(container, lines, since, until, output, error, follows);
    }

    /// Only lines that were begun at this time or later.
    public ContainerLogs since(Instant time) {
        return new ContainerLogs(container, tail, Objects.requireNonNull(time, "time"), until, output, error, follows);
    }

    /// Only lines that were begun before this time.
    public ContainerLogs until(Instant time) {
        return new ContainerLogs(container, tail, since, Objects.requireNonNull(time, "time"), output, error, follows);
    }

    /// Whether standard output and standard error are wanted; both if not called.
    public ContainerLogs streams(boolean output, boolean error) {
        return new ContainerLogs(container, tail, since, until, output, error, follows);
    }

    /// Goes on when all is read, and waits for more until the container has ended, also if it is run again then.
    public ContainerLogs follow() {
        return new ContainerLogs(container, tail, since, until, output, error, true);
    }

    /// Opens the log to read it line by line.
    public LogReader open() throws IOException {
        LogTape tape = container.openLog();
        try {
            return new LogReader(this, tape);
        } catch (IOException | RuntimeException e) {
            tape.close();
            throw e;
        }
    }

    /// All lines at once; with [#follow] when the container has ended.
    public List<LogLine> lines() throws IOException, InterruptedException {
        List<LogLine> lines = new ArrayList<>();
        forEach(lines::add);
        return lines;
    }

    /// Tells `consumer` all lines, on this thread.
    public void forEach(Consumer<? super LogLine> consumer) throws IOException, InterruptedException {
        try (LogReader reader = open()) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                consumer.accept(line);
            }
        }
    }
}
