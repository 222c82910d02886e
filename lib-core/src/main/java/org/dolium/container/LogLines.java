// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;
import org.dolium.state.LogRecord;

/// Makes lines of the records of one stream. One of more than a MiB is given in parts.
final class LogLines {
    private static final int LONGEST = 1 << 20;

    private final boolean error;
    private byte[] begun = new byte[0];
    private int size;
    private Instant time = Instant.EPOCH;

    LogLines(boolean error) {
        this.error = error;
    }

    void add(LogRecord record, Consumer<LogLine> consumer) {
        byte[] bytes = record.bytes();
        int start = 0;
        while (start < bytes.length) {
            if (size >= LONGEST && !endsWith(bytes[start])) {
                end(consumer);
            }
            int newline = LineSplitter.newline(bytes, start, bytes.length);
            int end = Math.min(newline < 0 ? bytes.length : newline + 1, start + Math.max(1, LONGEST - size));
            keep(bytes, start, end, record.time());
            start = end;
            if (begun[size - 1] == '\n') {
                end(consumer);
            }
        }
    }

    /// Whether a line that is as long as it may be ends with this byte, or with this and the next one.
    private boolean endsWith(byte next) {
        return next == '\n' || next == '\r' && size == LONGEST;
    }

    private void keep(byte[] bytes, int from, int to, Instant when) {
        if (size == 0) {
            time = when;
        }
        int length = to - from;
        if (size + length > begun.length) {
            begun = Arrays.copyOf(begun, Math.min(LONGEST + 2, Math.max(size + length, 2 * begun.length)));
        }
        System.arraycopy(bytes, from, begun, size, length);
        size += length;
    }

    /// Gives what was begun.
    void end(Consumer<LogLine> consumer) {
        if (size > 0) {
            consumer.accept(new LogLine(time, error, Arrays.copyOf(begun, size)));
            size = 0;
        }
    }
}
