// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private static final int ROUNDS = 3000;

    private static List<String> split(byte[] all, Random random) {
        List<String> lines = new ArrayList<>();
        LineSplitter splitter = new LineSplitter(LineSplitter.strings(lines::add));
        for (int at = 0; at < all.length; ) {
            int n = Math.min(all.length - at, 1 + random.nextInt(40));
            byte[] piece = new byte[n + random.nextInt(3)]; // what follows the piece is none of its
            java.util.Arrays.fill(piece, (byte) '\n');
            System.arraycopy(all, at, piece, 0, n);
            splitter.add(piece, n);
            at += n;
        }
        splitter.end();
        return lines;
    }

    private static List<String> simply(byte[] all) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\n') {
                int end = i > start && all[i - 1] == '\r' ? i - 1 : i;
                lines.add(new String(all, start, end - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        if (start < all.length) {
            int end = all[all.length - 1] == '\r' ? all.length - 1 : all.length;
            lines.add(new String(all, start, end - start, StandardCharsets.UTF_8));
        }
        return lines;
    }

    @Test
    void lines_are_the_same_however_they_come_in_pieces() {
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
            assertThat(split(text.toByteArray(), random)).as("seed %d", seed).isEqualTo(simply(text.toByteArray()));
        }
    }
}
