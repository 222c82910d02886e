// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.dolium.container.LogLine;
import org.dolium.container.LogReader;

/// Prints lines of a log byte for byte, each to the stream that it was printed to.
///
/// @param times whether when it was begun is in front of each line
record LogPrinter(OutputStream out, OutputStream err, boolean times) {
    private static final int BUFFER = 1 << 16;

    static LogPrinter toStandardStreams(boolean times) {
        return new LogPrinter(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.err), BUFFER), times);
    }

    /// Prints all that the reader has.
    ///
    /// @param live whether each line is to be seen at once
    void print(LogReader reader, boolean live) throws IOException, InterruptedException {
        try {
            boolean error = false;
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                if (line.isError() != error) {
                    flush(); // so that their order is kept where both are the same terminal
                    error = line.isError();
                }
                print(line.time(), error, line.bytes());
                if (live) {
                    flush();
                }
            }
        } finally {
            flush();
        }
    }

    void print(Instant time, boolean error, byte[] line) throws IOException {
        OutputStream to = error ? err : out;
        if (times) {
            to.write((TimeText.nanos(time) + " ").getBytes(StandardCharsets.US_ASCII));
        }
        to.write(line);
    }

    private void flush() throws IOException {
        out.flush();
        err.flush();
    }
}
