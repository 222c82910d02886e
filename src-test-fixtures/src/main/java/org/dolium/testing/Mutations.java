// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Changes inputs at random: bits, bytes, numbers, words, pieces of others, and what is missing at the end.
final class Mutations {
    private static final int LONGEST = 1 << 16;
    private static final String[] NUMBERS = {
        "0", "-1", "00", "1.0", "1e9", "65535", "65536", "2147483647", "2147483648", "4294967294", "4294967295", "4294967296",
        "9223372036854775807", "18446744073709551615", "18446744073709551616", "99999999999999999999999"
    };
    private static final byte[] BYTES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, '\n', '"', ':', ',', '[', '{', ' '};

    private final Random random;
    private final List<String> words;

    Mutations(Random random, List<String> words) {
        this.random = random;
        this.words = words;
    }

    /// One to eight changes of an input; `other` gives pieces.
    byte[] mutated(byte[] input, byte[] other) {
        byte[] out = input;
        for (int i = 1 + random.nextInt(1 + random.nextInt(8)); i > 0; i--) {
            out = once(out, other);
        }
        return out.length > LONGEST ? Arrays.copyOf(out, LONGEST) : out;
    }

    private byte[] once(byte[] in, byte[] other) {
        int at = random.nextInt(in.length + 1);
        int end = at + random.nextInt(Math.min(in.length - at, 1 << random.nextInt(12)) + 1);
        return switch (random.nextInt(14)) {
            case 0 -> flipped(in);
            case 1 -> replaced(in, at, Math.min(at + 1, in.length), BYTES[random.nextInt(BYTES.length)]);
            case 2 -> replaced(in, at, end);
            case 3 -> replaced(in, at, at, Arrays.copyOfRange(in, at, end));
            case 4 -> replaced(in, at, at, piece(other));
            case 5 -> replaced(in, at, end, piece(other));
            case 6 -> replaced(in, at, random.nextBoolean() ? at : end, word());
            case 7, 8 -> number(in, at);
            case 9, 10, 11 -> quoted(in, at, other);
            case 12 -> random.nextInt(4) == 0 ? Arrays.copyOf(in, at) : flipped(in);
            default -> replaced(in, at, at, noise());
        };
    }

    private byte[] flipped(byte[] in) {
        byte[] out = in.clone();
        if (out.length > 0) {
            out[random.nextInt(out.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return out;
    }

    private byte[] piece(byte[] other) {
        int start = random.nextInt(other.length + 1);
        return Arrays.copyOfRange(other, start, start + random.nextInt(Math.min(other.length - start, 1 << random.nextInt(12)) + 1));
    }

    private byte[] word() {
        return words.isEmpty() ? noise() : words.get(random.nextInt(words.size())).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] noise() {
        byte[] noise = new byte[1 + random.nextInt(8)];
        random.nextBytes(noise);
        return noise;
    }

    /// Another number in the place of the next one.
    private byte[] number(byte[] in, int from) {
        int start = from;
        while (start < in.length && !digit(in[start])) {
            start++;
        }
        int end = start;
        while (end < in.length && digit(in[end])) {
            end++;
        }
        return replaced(in, start, end, NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.US_ASCII));
    }

    /// A string in quotes, of the other input or of the words, in the place of the next one.
    private byte[] quoted(byte[] in, int from, byte[] other) {
        int start = indexOf(in, from);
        int end = indexOf(in, start + 1);
        int otherStart = indexOf(other, random.nextInt(other.length + 1));
        int otherEnd = indexOf(other, otherStart + 1);
        if (end == in.length || otherEnd == other.length || random.nextInt(4) == 0) {
            return replaced(in, start, Math.min(end + 1, in.length), word());
        }
        return replaced(in, start, end + 1, Arrays.copyOfRange(other, otherStart, otherEnd + 1));
    }

    private static int indexOf(byte[] in, int from) {
        int at = from;
        while (at < in.length && in[at] != '"') {
            at++;
        }
        return Math.min(at, in.length);
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static byte[] replaced(byte[] in, int start, int end, byte... with) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(in, 0, start);
        out.writeBytes(with);
        out.write(in, end, in.length - end);
        return out.toByteArray();
    }
}
