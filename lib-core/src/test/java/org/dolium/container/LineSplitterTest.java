// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.dolium.kernel.LineEnds;
import org.dolium.kernel.Memory;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private static final int ROUNDS = 3000;
    private static final int SHORT = 16;

    private static List<String> split(byte[] all, Random random, int longest) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(LineSplitter.strings(lines::add), longest);
        int most = 1 << random.nextInt(7);
        for (int at = 0; at < all.length; ) {
            int n = Math.min(all.length - at, 1 + random.nextInt(most));
            byte[] piece = new byte[n + random.nextInt(3)]; // what follows the piece is none of its
            java.util.Arrays.fill(piece, (byte) '\n');
            System.arraycopy(all, at, piece, 0, n);
            add(splitter, piece, n, random.nextBoolean());
            at += n;
        }
        splitter.end();
        return lines;
    }

    /// @param known whether it was looked at before
    private static void add(LineSplitter splitter, byte[] piece, int length, boolean known) {
        LineEnds ends = new LineEnds();
        if (known) {
            try (Arena arena = Arena.ofConfined()) {
                int most = (piece.length + 63) / 64 * 64;
                Memory memory = Memory.allocate(arena, LineEnds.room(most));
                memory.put(0, piece, 0, piece.length);
                ends.find(memory, length, most);
            }
        }
        splitter.add(piece, length, ends);
    }

    private static List<String> simply(byte[] all, int longest) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\n') {
                int end = i > start && all[i - 1] == '\r' ? i - 1 : i;
                parts(all, start, end, longest, lines);
                start = i + 1;
            }
        }
        if (start < all.length) {
            int end = all[all.length - 1] == '\r' ? all.length - 1 : all.length;
            parts(all, start, end, longest, lines);
        }
        return lines;
    }

    /// Each part but the last has as many bytes as fit, up to the beginning of a character if one is near.
    private static void parts(byte[] all, int from, int to, int longest, List<String> lines) {
        int start = from;
        while (to - start > longest) {
            int end = start + longest;
            for (int back = 0; back < 4; back++) {
                if ((all[start + longest - back] & 0xc0) != 0x80) {
                    end = start + longest - back;
                    break;
                }
            }
            lines.add(new String(all, start, end - start, StandardCharsets.UTF_8));
            start = end;
        }
        lines.add(new String(all, start, to - start, StandardCharsets.UTF_8));
    }

    private static void sameHoweverItComes(int longest) {
        byte[][] words = {"\n".getBytes(), "\r\n".getBytes(), "\r".getBytes(), "a".getBytes(), "twelve bytes".getBytes(), {0}, {(byte) 0x80},
            "ä".getBytes(StandardCharsets.UTF_8), "€".getBytes(StandardCharsets.UTF_8), "😀".getBytes(StandardCharsets.UTF_8),
            {(byte) 0xe2, (byte) 0x82}, {(byte) 0xff}, "a line that is longer than a few words of eight bytes".getBytes()};
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
            int ascii = random.nextInt(4) == 0 ? 5 : words.length;
            for (int i = random.nextInt(60); i > 0; i--) {
                text.writeBytes(words[random.nextInt(ascii)]);
            }
            byte[] all = text.toByteArray();
            assertThat(split(all, random, longest)).as("seed %d", seed).isEqualTo(simply(all, longest));
        }
    }

    @Test
    void lines_are_the_same_however_they_come_in_pieces() {
        sameHoweverItComes(LineSplitter.LONGEST);
    }

    @Test
    void parts_of_long_lines_are_the_same_however_they_come_in_pieces() {
        sameHoweverItComes(SHORT);
    }

    /// Neither an empty line that nobody printed nor the carriage return of an end of line.
    @Test
    void a_line_about_as_long_as_a_part_is_split_only_where_it_is_longer() {
        Random random = new Random(1);
        for (int length = 0; length <= 3 * SHORT + 2; length++) {
            for (String end : List.of("", "\n", "\r\n", "\r", "\r\r\n", "\n\n", "\rx\n")) {
                byte[] all = ("x".repeat(length) + end).getBytes(StandardCharsets.UTF_8);
                for (int i = 0; i < 20; i++) {
                    assertThat(split(all, random, SHORT)).as("%d and %s", length, end.replace("\r", "CR").replace("\n", "LF")).isEqualTo(simply(all, SHORT));
                }
            }
        }
        assertThat(split("x".repeat(SHORT).concat("\r\n").getBytes(), random, SHORT)).containsExactly("x".repeat(SHORT));
        assertThat(split("x".repeat(2 * SHORT).concat("\n").getBytes(), random, SHORT)).containsExactly("x".repeat(SHORT), "x".repeat(SHORT));
    }

    @Test
    void a_long_line_that_comes_at_once_is_told_in_parts_too() {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(LineSplitter.strings(lines::add), SHORT);
        byte[] all = ("x".repeat(SHORT) + "y\nz\n").getBytes(StandardCharsets.UTF_8);
        splitter.add(all, all.length);
        assertThat(lines).containsExactly("x".repeat(SHORT), "y", "z");
    }
}
