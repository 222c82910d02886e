// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.dolium.linux.Quoting;

/// A line of a log, as it was printed.
public final class LogLine {
    private final Instant time;
    private final boolean error;
    private final byte[] bytes;

    LogLine(Instant time, boolean error, byte[] bytes) {
        this.time = time;
        this.error = error;
        this.bytes = bytes;
    }

    /// When its first byte was read by the monitor.
    public Instant time() {
        return time;
    }

    /// Whether it was printed to standard error, and not to standard output.
    public boolean isError() {
        return error;
    }

    /// What was printed, as it was: with the newline, which the last line may lack, and a part of a very long one. It may contain
    /// anything, also control sequences for the terminal of who looks at it.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// Whether it ends with a newline.
    public boolean isWhole() {
        return bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    }

    /// The line in UTF-8, without its end (`\n` or `\r\n`).
    public String text() {
        int end = bytes.length - (isWhole() ? 1 : 0);
        end -= isWhole() && end > 0 && bytes[end - 1] == '\r' ? 1 : 0;
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /// For people: whatever it contains, this is one line without control characters.
    @Override
    public String toString() {
        return time + (error ? " stderr " : " stdout ") + Quoting.quote(text());
    }
}
