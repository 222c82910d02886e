// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/// Our decompression gives what the JDK's gives, for everything.
class InflateTest {
    /// What became of some input.
    ///
    /// @param bytes what came out
    /// @param left how much of the input follows the end, or -1 if it is malformed or ends early
    record Outcome(byte[] bytes, int left) {}

    /// What the JDK makes of it.
    static Outcome expected(byte[] input, int most) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(input);
            byte[] buffer = new byte[1 << 15];
            while (!inflater.finished() && out.size() < most) {
                int read = inflater.inflate(buffer);
                out.write(buffer, 0, read);
                if (read == 0 && !inflater.finished() && (inflater.needsInput() || inflater.needsDictionary())) {
                    return new Outcome(out.toByteArray(), -1);
                }
            }
            return new Outcome(out.toByteArray(), inflater.getRemaining());
        } catch (DataFormatException e) {
            return new Outcome(out.toByteArray(), -1);
        } finally {
            inflater.end();
        }
    }

    /// What ours makes of it, where at most so many bytes come at once.
    static Outcome actual(byte[] input, int most, int atOnce) throws IOException {
        Inflate inflate = new Inflate(new ByteArrayInputStream(input) {
            @Override
            public int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, atOnce));
            }
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            inflate.begin();
            for (int some = inflate.more(); some > 0 && out.size() < most; some = inflate.more()) {
                out.write(inflate.out(), inflate.start(), some);
            }
        } catch (LayerException e) {
            return new Outcome(out.toByteArray(), -1);
        }
        int left = 0;
        while (inflate.next() >= 0) {
            left++;
        }
        return new Outcome(out.toByteArray(), left);
    }

    /// @return whether it was good
    static boolean check(byte[] input, int atOnce) throws IOException {
        int most = 64 << 20;
        Outcome expected = expected(input, most);
        Outcome actual = actual(input, most, atOnce);
        assertThat(actual.left()).as(() -> java.util.HexFormat.of().formatHex(input)).isEqualTo(expected.left());
        byte[] fewer = expected.left() >= 0 ? actual.bytes() : Arrays.copyOf(actual.bytes(), Math.min(actual.bytes().length, expected.bytes().length));
        assertThat(Arrays.mismatch(expected.bytes(), fewer)).isIn(-1, expected.left() >= 0 ? -1 : fewer.length);
        return expected.left() >= 0;
    }

    static byte[] content(Random random, int size) {
        byte[] bytes = new byte[size];
        int kind = random.nextInt(6);
        for (int i = 0; i < size; i++) {
            int back = 1 + random.nextInt(kind == 3 ? 40_000 : 12);
            bytes[i] = switch (kind) {
                case 0 -> (byte) random.nextInt();
                case 1 -> (byte) ('a' + Math.abs((int) (random.nextGaussian() * 8)));
                case 2 -> 0;
                case 3, 4 -> i >= back && random.nextInt(9) > 0 ? bytes[i - back] : (byte) random.nextInt();
                default -> (byte) (i >>> 3);
            };
            if (kind == 3 && i > 40_000 && i + 300 < size && random.nextInt(50) == 0) {
                int length = random.nextInt(300);
                System.arraycopy(bytes, i - 33_000 + random.nextInt(32_000), bytes, i + 1, length);
                i += length;
            }
        }
        return bytes;
    }

    static byte[] deflated(Random random, byte[] content) {
        Deflater deflater = new Deflater(random.nextInt(10), true);
        deflater.setStrategy(random.nextInt(3));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        for (int at = 0; at < content.length; ) {
            int part = Math.min(content.length - at, 1 + random.nextInt(1 << 17));
            deflater.setInput(content, at, part);
            at += part;
            int flush = random.nextInt(4) == 0 ? Deflater.SYNC_FLUSH : random.nextInt(8) == 0 ? Deflater.FULL_FLUSH : Deflater.NO_FLUSH;
            int some;
            do {
                some = deflater.deflate(buffer, 0, buffer.length, flush);
                out.write(buffer, 0, some);
            } while (some > 0 || !deflater.needsInput());
        }
        deflater.finish();
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static int atOnce(Random random) {
        return 1 + random.nextInt(random.nextBoolean() ? 40 : 1 << 17);
    }

    @Test
    void what_was_compressed_comes_out_again() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] content = content(random, random.nextInt(seed % 10 == 0 ? 1_500_000 : 50_000));
            byte[] deflated = deflated(random, content);
            byte[] input = Arrays.copyOf(deflated, deflated.length + random.nextInt(30)); // something follows
            Outcome outcome = actual(input, Integer.MAX_VALUE, atOnce(random));
            assertThat(Arrays.mismatch(outcome.bytes(), content)).as("seed %d", seed).isEqualTo(-1);
            assertThat(outcome.left()).isEqualTo(input.length - deflated.length);
        }
    }

    @Test
    void what_is_cut_off_or_changed_is_refused_just_where_the_jdk_refuses_it() throws IOException {
        int good = 0;
        int all = 20_000;
        for (int seed = 0; seed < all; seed++) {
            Random random = new Random(seed);
            byte[] input = deflated(random, content(random, random.nextInt(2000)));
            if (random.nextInt(4) == 0) {
                input = Arrays.copyOf(input, random.nextInt(input.length + 1));
            }
            for (int i = random.nextInt(3); i >= 0 && input.length > 0; i--) {
                input[random.nextInt(random.nextBoolean() ? Math.min(input.length, 60) : input.length)] ^= (byte) (1 << random.nextInt(8));
            }
            good += check(input, atOnce(random)) ? 1 : 0;
        }
        assertThat(good).isBetween(all / 100, all / 2);
    }

    @Test
    void any_bytes_mean_what_the_jdk_says() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 50_000; i++) {
            byte[] input = new byte[random.nextInt(300)];
            random.nextBytes(input);
            if (input.length > 0) {
                input[0] = (byte) (input[0] & 0xf8 | random.nextInt(3) << 1 | random.nextInt(2)); // a block of a known type
            }
            check(input, atOnce(random));
        }
    }

    /// Writes numbers bit by bit.
    private static final class Bits {
        private final java.util.BitSet bits = new java.util.BitSet();
        private int count;

        Bits add(int value, int length) {
            for (int i = 0; i < length; i++) {
                bits.set(count++, (value >>> i & 1) != 0);
            }
            return this;
        }

        byte[] bytes() {
            return Arrays.copyOf(bits.toByteArray(), (count + 7) / 8 + 4);
        }
    }

    /// A last block whose code lengths for the 19 symbols of code lengths are these, in the order in which they are written.
    private static Bits dynamic(int literals, int distances, int... lengths) {
        Bits bits = new Bits().add(1, 1).add(2, 2).add(literals - 257, 5).add(distances - 1, 5).add(lengths.length - 4, 4);
        for (int length : lengths) {
            bits.add(length, 3);
        }
        return bits;
    }

    private static void refused(Bits bits, String why) throws IOException {
        assertThat(check(bits.bytes(), 10)).as(why).isFalse();
        Inflate inflate = new Inflate(new ByteArrayInputStream(bits.bytes()));
        inflate.begin();
        assertThatThrownBy(inflate::more).isInstanceOf(LayerException.class).hasMessageContaining(why);
    }

    @Test
    void codes_that_are_none_are_refused() throws IOException {
        refused(dynamic(257, 1, 1, 1, 1, 0), "a code has too many symbols");
        refused(dynamic(257, 1, 1, 2, 0, 0), "a code has too few symbols");
        refused(dynamic(257, 1, 1, 0, 0, 0), "a code has too few symbols");
        refused(dynamic(257, 1, 0, 0, 0, 0), "a code has too few symbols");
        refused(dynamic(287, 1, 1, 1, 0, 0), "too many symbols");
        refused(dynamic(257, 31, 1, 1, 0, 0), "too many symbols");
        refused(dynamic(257, 1, 1, 0, 1, 0).add(0, 1), "repeats lengths that are none"); // 16 is first
        refused(dynamic(257, 1, 0, 1, 1, 0).add(255, 8).add(255, 8).add(255, 8).add(255, 8), "repeats lengths that are none"); // too many
        refused(new Bits().add(1, 1).add(3, 2), "no known type");
        refused(new Bits().add(1, 1).add(0, 2).add(0, 5).add(5, 16).add(5, 16), "wrong length");
        // with the fixed codes: a distance of 1 at the beginning, the distance 30, the length 286
        refused(new Bits().add(1, 1).add(1, 2).add(0b1000000, 7).add(0, 5), "before the beginning");
        refused(new Bits().add(1, 1).add(1, 2).add(0b00001100, 8).add(0b1000000, 7).add(0b01111, 5), "of no code");
        refused(new Bits().add(1, 1).add(1, 2).add(0b01100011, 8), "of no code");
    }

    @Test
    void a_bomb_takes_no_memory() throws IOException {
        byte[] bomb = new byte[1 << 20];
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[256 << 20]);
        deflater.finish();
        int length = deflater.deflate(bomb);
        deflater.end();
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Inflate inflate = new Inflate(new ByteArrayInputStream(bomb, 0, length));
        inflate.begin();
        long out = 0;
        for (int some = inflate.more(); some > 0; some = inflate.more()) {
            out += some;
        }
        assertThat(out).isEqualTo(256 << 20);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }
}
