// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dolium.state.LogRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLinesTest {
    private static final int MEBIBYTE = 1 << 20;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0  | 1000  | 1048577
            0  | 16384 | 1048577
            -1 | 16384 | 1048576
            1  | 16384 | 1048576 2
            0  | 1     | 1048577
            0  | 1048576 | 1048577
            1048576 | 16384 | 1048576 1048577
            """)
    void a_line_of_a_mebibyte_is_given_whole_and_a_longer_one_in_parts(int more, int piece, String lengths) {
        assertThat(lengths("x".repeat(MEBIBYTE + more) + "\n", piece)).isEqualTo(lengths + " 5");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0  | 16384 | 1048578
            -1 | 16384 | 1048577
            1  | 16384 | 1048576 3
            """)
    void so_is_one_that_ends_with_two_bytes(int more, int piece, String lengths) {
        assertThat(lengths("x".repeat(MEBIBYTE + more) + "\r\n", piece)).isEqualTo(lengths + " 5");
    }

    /// How many bytes each line of a text has, with its end, and those of one that comes after it.
    private static String lengths(String text, int piece) {
        byte[] bytes = (text + "next\n").getBytes(StandardCharsets.US_ASCII);
        List<String> lengths = new ArrayList<>();
        LogLines lines = new LogLines(false);
        for (int at = 0; at < bytes.length; at += piece) {
            byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
            lines.add(new LogRecord(Instant.EPOCH, false, part), line -> lengths.add("" + line.bytes().length));
        }
        lines.end(line -> lengths.add("rest"));
        return String.join(" ", lengths);
    }
}
