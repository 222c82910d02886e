// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// How lines of a log are printed.
class LogPrinterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void each_goes_where_it_was_printed_to_as_it_is() throws Exception {
        LogPrinter printer = new LogPrinter(out, err, false);
        printer.print(Instant.EPOCH, false, new byte[] {'a', 0, (byte) 0xff, '\n'});
        printer.print(Instant.EPOCH, true, "no end".getBytes(StandardCharsets.UTF_8));
        assertThat(out.toByteArray()).containsExactly('a', 0, 0xff, '\n');
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("no end");
    }

    @Test
    void times_are_of_one_length_and_in_front() throws Exception {
        new LogPrinter(out, err, true).print(Instant.parse("2026-11-22T05:08:24.5Z"), false, "x\n".getBytes(StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("2026-11-22T05:08:24.500000000Z x\n");
    }
}
