// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// What a detached container has printed, as lines with their times: a question, to be narrowed and then asked. Immutable.
///
/// ```java
/// container.logs().tail(100).forEach(line -> System.out.println(line.text()));
/// container.logs().follow().forEach(line -> …); // until it has ended
/// ```
///
/// Lines are in the order in which they were begun. No line is lost or told twice, also while the files of the log are exchanged for
/// new ones, as long as the reader is not slower than all files together are long: see [LogReader#missed].
public final class ContainerLogs {
    ContainerLogs() {}

    /// Only the last `lines`, and with [#follow] what comes then.
    public ContainerLogs tail(long lines) {
        throw new UnsupportedOperationException();
    }

    /// Only lines that were begun at this time or later.
    public ContainerLogs since(Instant time) {
        throw new UnsupportedOperationException();
    }

    /// Only lines that were begun before this time.
    public ContainerLogs until(Instant time) {
        throw new UnsupportedOperationException();
    }

    /// Only standard output, or only standard error, or neither.
    public ContainerLogs streams(boolean output, boolean error) {
        throw new UnsupportedOperationException();
    }

    /// Goes on when all is read, and waits for more until the container has ended.
    public ContainerLogs follow() {
        throw new UnsupportedOperationException();
    }

    /// Opens the log to read it line by line.
    public LogReader open() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// All lines; not with [#follow].
    public List<LogLine> lines() throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Tells `consumer` all lines, on this thread.
    public void forEach(Consumer<? super LogLine> consumer) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }
}
