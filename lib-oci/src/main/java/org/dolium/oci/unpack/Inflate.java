// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Decompresses DEFLATE (RFC 1951), faster than the JDK does, as docs/decisions/0013 says. Every access is to an array of bytes and
/// checked by the JVM, whatever the input is.
///
/// Bits wait in a word, of which at least 56 are there before each symbol. What comes out is kept as far back as it may be repeated. At the
/// end of the input zeros are added, and what was made of them is an error.
final class Inflate {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int HISTORY = 1 << 15;
    private static final int OUT = HISTORY + (1 << 17);
    private static final int LONGEST_MATCH = 258;
    /// What may be written behind the last byte.
    private static final int SLACK = LONGEST_MATCH + 32;
    private static final int IN = 1 << 16;
    /// What is read at most by one turn of the loop, and zeros at the end of the input.
    private static final int AHEAD = 24;
    private static final int ZEROS = 40;
    private static final int KEPT = 8;

    /// By how many bits the first table of literals and lengths is looked up; 10 and 12 are slower.
    private static final int BITS = 11;

    private static final int MASK = (1 << BITS) - 1;
    private static final byte[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    private static final int[] PLAIN = new int[19];
    private static final int[] LENGTHS = new int[288];
    private static final int[] DISTANCES = new int[32];
    private static final byte[] FIXED = new byte[288 + 32];

    static {
        for (int i = 0; i < PLAIN.length; i++) {
            PLAIN[i] = i << 16;
        }
        for (int i = 0; i < 256; i++) {
            LENGTHS[i] = Huffman.LITERAL | i << 8;
        }
        LENGTHS[256] = Huffman.END;
        for (int i = 0, base = 3; i < 28; i++) {
            int extra = i < 8 ? 0 : i / 4 - 1;
            LENGTHS[257 + i] = base << 16 | extra;
            base += 1 << extra;
        }
        LENGTHS[285] = LONGEST_MATCH << 16;
        LENGTHS[286] = Huffman.INVALID;
        LENGTHS[287] = Huffman.INVALID;
        for (int i = 0, base = 1; i < 30; i++) {
            int extra = i < 2 ? 0 : i / 2 - 1;
            DISTANCES[i] = base << 16 | extra;
            base += 1 << extra;
        }
        DISTANCES[30] = Huffman.INVALID;
        DISTANCES[31] = Huffman.INVALID;
        Arrays.fill(FIXED, 0, 144, (byte) 8);
        Arrays.fill(FIXED, 144, 256, (byte) 9);
        Arrays.fill(FIXED, 256, 280, (byte) 7);
        Arrays.fill(FIXED, 280, 288, (byte) 8);
        Arrays.fill(FIXED, 288, 320, (byte) 5);
    }

    /// What is next in a member.
    private enum State {
        BLOCK,
        STORED,
        CODED,
        ENDED
    }

    private final InputStream from;
    private final byte[] in = new byte[IN + ZEROS];
    private final byte[] out = new byte[OUT + SLACK];
    private final Huffman codes = new Huffman(7, 19);
    private final Huffman lengths = new Huffman(BITS, 288);
    private final Huffman distances = new Huffman(8, 32);
    private final byte[] codeLengths = new byte[288 + 32];
    private State state = State.ENDED;
    private boolean last;
    private boolean dry;
    private int at;
    private int end;
    private long word;
    private int bits;
    private int written;
    private int given;
    private int oldest;
    private int stored;

    Inflate(InputStream from) {
        this.from = from;
    }

    /// Where the bytes are that [#more] has given, until it is called again.
    byte[] out() {
        return out;
    }

    int start() {
        return given;
    }

    /// A byte that is not compressed, between members, or -1 at the end.
    int next() throws IOException {
        return at == end && !fill() ? -1 : in[at++] & 0xff;
    }

    /// Begins with a member, without any history.
    void begin() {
        state = State.BLOCK;
        last = false;
        oldest = written;
    }

    /// Decompresses some more.
    ///
    /// @return how many bytes, from [#start] on; none if the member has ended, and then its last byte was the last that was read
    int more() throws IOException {
        if (written >= OUT) {
            int kept = Math.min(HISTORY, written - oldest);
            System.arraycopy(out, written - kept, out, 0, kept);
            written = kept;
            oldest = 0;
        }
        given = written;
        while (written < OUT && state != State.ENDED) {
            switch (state) {
                case BLOCK -> block();
                case STORED -> copy();
                default -> decode();
            }
        }
        return written - given;
    }

    private void block() throws IOException {
        if (last) {
            at -= bits >> 3;
            word = 0;
            bits = 0;
            state = State.ENDED;
            return;
        }
        last = take(1) == 1;
        switch (take(2)) {
            case 0 -> {
                take(bits & 7);
                stored = take(16);
                if (take(16) != (stored ^ 0xffff)) {
                    throw malformed("a stored block has a wrong length");
                }
                at -= bits >> 3;
                word = 0;
                bits = 0;
                state = State.STORED;
            }
            case 1 -> {
                lengths.make(FIXED, 0, 288, LENGTHS, false);
                lengths.pair();
                distances.make(FIXED, 288, 320, DISTANCES, false);
                state = State.CODED;
            }
            case 2 -> {
                dynamic();
                state = State.CODED;
            }
            default -> throw malformed("a block is of no known type");
        }
    }

    private void copy() throws IOException {
        if (stored == 0) {
            state = State.BLOCK;
            return;
        }
        if (at == end && !fill()) {
            throw early();
        }
        int part = Math.min(Math.min(stored, end - at), OUT - written);
        System.arraycopy(in, at, out, written, part);
        at += part;
        written += part;
        stored -= part;
    }

    /// The codes of a block: three numbers, the code of the codes' lengths, these lengths.
    private void dynamic() throws IOException {
        int literals = take(5) + 257;
        int all = literals + take(5) + 1;
        int given = take(4) + 4;
        if (literals > 286 || all - literals > 30) {
            throw malformed("a block has too many symbols");
        }
        Arrays.fill(codeLengths, 0, PLAIN.length, (byte) 0);
        for (int i = 0; i < given; i++) {
            codeLengths[ORDER[i]] = (byte) take(3);
        }
        codes.make(codeLengths, 0, PLAIN.length, PLAIN, false);
        for (int i = 0; i < all; ) {
            int symbol = symbol();
            int times = symbol < 16 ? 1 : symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
            if (symbol == 16 && i == 0 || times > all - i) {
                throw malformed("a block repeats lengths that are none");
            }
            byte length = (byte) (symbol < 16 ? symbol : symbol == 16 ? codeLengths[i - 1] : 0);
            Arrays.fill(codeLengths, i, i + times, length);
            i += times;
        }
        if (codeLengths[256] == 0) {
            throw malformed("a block has no end");
        }
        lengths.make(codeLengths, 0, literals, LENGTHS, true);
        lengths.pair();
        distances.make(codeLengths, literals, all, DISTANCES, true);
    }

    /// The next length of a code.
    private int symbol() throws IOException {
        while (bits < codes.bits && (at < end || fill())) {
            word |= (in[at++] & 0xffL) << bits;
            bits += 8;
        }
        int entry = codes.table[(int) word & (1 << codes.bits) - 1];
        take(entry & 0x3f);
        return entry >>> 16;
    }

    /// Some bits, the first the lowest.
    private int take(int count) throws IOException {
        while (bits < count) {
            if (at == end && !fill()) {
                throw early();
            }
            word |= (in[at++] & 0xffL) << bits;
            bits += 8;
        }
        int taken = (int) word & (1 << count) - 1;
        word >>>= count;
        bits -= count;
        return taken;
    }

    private void decode() throws IOException {
        while (!dry && at > end - AHEAD) {
            if (!fill()) {
                Arrays.fill(in, end, end + ZEROS, (byte) 0);
                dry = true;
            }
        }
        boolean ended = symbols(dry ? end + KEPT : end - AHEAD);
        if (at > end) { // into the zeros
            int over = at - end;
            if (over > bits >> 3) {
                throw early();
            }
            at = end;
            bits -= over << 3;
            word &= (1L << bits) - 1;
        }
        if (ended) {
            state = State.BLOCK;
        }
    }

    /// Decodes symbols until the block ends, or there is little to read or little room. This is where the time goes: nearly all of it, in
    /// one method without calls, whose repetitions are faster than a loop, as is that the next entry is looked up before bytes are
    /// repeated.
    ///
    /// @param limit from where on nothing more is read
    /// @return whether the block has ended
    private boolean symbols(int limit) throws LayerException {
        byte[] in = this.in;
        byte[] out = this.out;
        int[] literals = lengths.table;
        int[] offsets = distances.table;
        int furtherLiterals = (1 << lengths.further) - 1;
        int furtherOffsets = (1 << distances.further) - 1;
        int from = at;
        int to = written;
        long word = this.word;
        int bits = this.bits;
        boolean ended = false;
        // the first two spare the checks of each look into the tables
        if (literals.length < 1 << BITS || offsets.length < 1 << 8 || from > limit || to >= OUT) {
            return false;
        }
        word |= (long) WORD.get(in, from) << bits;
        from += 63 - bits >>> 3;
        bits |= 56;
        int entry = literals[(int) word & MASK];
        do {
            if (entry < 0) {
                word >>>= entry;
                bits -= entry & 0x3f;
                PAIR.set(out, to, (short) (entry >>> 8));
                to += 1 + (entry >>> 6 & 1);
                entry = literals[(int) word & MASK];
                if (entry < 0) {
                    word >>>= entry;
                    bits -= entry & 0x3f;
                    PAIR.set(out, to, (short) (entry >>> 8));
                    to += 1 + (entry >>> 6 & 1);
                    entry = literals[(int) word & MASK];
                    if (entry < 0) {
                        word >>>= entry;
                        bits -= entry & 0x3f;
                        PAIR.set(out, to, (short) (entry >>> 8));
                        to += 1 + (entry >>> 6 & 1);
                        word |= (long) WORD.get(in, from) << bits;
                        from += 63 - bits >>> 3;
                        bits |= 56;
                        entry = literals[(int) word & MASK];
                        continue;
                    }
                }
            }
            if ((entry & Huffman.SPECIAL) != 0) {
                if ((entry & Huffman.FURTHER) != 0) {
                    word >>>= entry;
                    bits -= entry & 0x3f;
                    entry = literals[(entry >>> 16) + ((int) word & furtherLiterals)];
                    if (entry < 0) {
                        word >>>= entry;
                        bits -= entry & 0x3f;
                        out[to++] = (byte) (entry >>> 8);
                        word |= (long) WORD.get(in, from) << bits;
                        from += 63 - bits >>> 3;
                        bits |= 56;
                        entry = literals[(int) word & MASK];
                        continue;
                    }
                }
                if ((entry & Huffman.SPECIAL) != 0) {
                    if (entry >>> 16 != Huffman.END >>> 16) {
                        throw malformed("a symbol is of no code");
                    }
                    word >>>= entry;
                    bits -= entry & 0x3f;
                    ended = true;
                    break;
                }
            }
            int length = (entry >>> 16) + (int) ((word & (1L << entry) - 1) >>> (entry >>> 8));
            word >>>= entry;
            bits -= entry & 0x3f;

            word |= (long) WORD.get(in, from) << bits;
            from += 63 - bits >>> 3;
            bits |= 56;
            entry = offsets[(int) word & 0xff];
            if ((entry & Huffman.SPECIAL) != 0) {
                if ((entry & Huffman.FURTHER) != 0) {
                    word >>>= entry;
                    bits -= entry & 0x3f;
                    entry = offsets[(entry >>> 16) + ((int) word & furtherOffsets)];
                }
                if ((entry & Huffman.SPECIAL) != 0) {
                    throw malformed("a distance is of no code");
                }
            }
            int distance = (entry >>> 16) + (int) ((word & (1L << entry) - 1) >>> (entry >>> 8));
            word >>>= entry;
            bits -= entry & 0x3f;
            if (distance > to - oldest) {
                throw malformed("a distance leads before the beginning");
            }
            word |= (long) WORD.get(in, from) << bits;
            from += 63 - bits >>> 3;
            bits |= 56;
            entry = literals[(int) word & MASK];
            repeat(out, to, distance, length);
            to += length;
        } while (from <= limit && to < OUT);
        at = from;
        written = to;
        this.word = word & (1L << bits) - 1;
        this.bits = bits;
        return ended;
    }

    /// Repeats what is some bytes back, eight bytes at a time; behind the end is room for what is too much.
    private static void repeat(byte[] out, int at, int distance, int length) {
        int from = at - distance;
        int to = at;
        int end = at + length;
        if (distance >= 8) {
            do {
                WORD.set(out, to, (long) WORD.get(out, from));
                WORD.set(out, to + 8, (long) WORD.get(out, from + 8));
                from += 16;
                to += 16;
            } while (to < end);
        } else if (distance == 1) {
            long same = (out[from] & 0xffL) * 0x0101010101010101L;
            do {
                WORD.set(out, to, same);
                to += 8;
            } while (to < end);
        } else {
            do {
                WORD.set(out, to, (long) WORD.get(out, from));
                from += distance;
                to += distance;
            } while (to < end);
        }
    }

    /// Reads more, and keeps what is not used yet, and the bytes whose bits may wait.
    private boolean fill() throws IOException {
        if (dry) {
            return false;
        }
        int keep = Math.max(0, at - KEPT);
        System.arraycopy(in, keep, in, 0, end - keep);
        at -= keep;
        end -= keep;
        int read = 0;
        while (read == 0) {
            read = from.read(in, end, IN - end);
        }
        end += Math.max(0, read);
        return read > 0;
    }

    private static LayerException malformed(String problem) {
        return new LayerException("its gzip content is malformed: " + problem);
    }

    static LayerException early() {
        return new LayerException("its gzip content ends early");
    }
}
