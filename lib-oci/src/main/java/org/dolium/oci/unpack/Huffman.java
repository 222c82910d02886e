// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.Arrays;

/// A table by which the next symbol of a Huffman code of RFC 1951 is found by looking at some bits. From the lowest bit on, an entry says
///
/// * how many bits the symbol takes, with its extra bits: 6 bits;
/// * how many it takes without: from the 8th, for lengths and distances; or up to two literals, from the 8th and the 16th, and in the 6th
///   whether there are two;
/// * whether it is [#FURTHER] or otherwise [#SPECIAL]: the 14th and 15th;
/// * its base, or where the further table is: 15 bits from the 16th on;
/// * whether it is a [#LITERAL]: the sign.
final class Huffman {
    static final int LITERAL = 1 << 31;
    /// The end of a block, what is no code, and what goes on in a table behind the first.
    static final int SPECIAL = 1 << 15;

    /// What goes on in a table behind the first.
    static final int FURTHER = 1 << 14;

    static final int END = SPECIAL | 1 << 16;
    static final int INVALID = SPECIAL;
    static final int LONGEST = 15;

    final int bits;
    final int[] table;
    private final int[] count = new int[LONGEST + 1];
    private final int[] next = new int[LONGEST + 1];
    private final int[] symbols;
    /// How many bits the tables behind the first are looked up by.
    int further;

    /// @param bits by how many bits the first table is looked up
    /// @param symbols how many there are at most
    Huffman(int bits, int symbols) {
        this.bits = bits;
        this.symbols = new int[symbols];
        table = new int[(1 << bits) + (symbols / 2 + 1 << LONGEST - bits)];
    }

    /// Makes the table for a canonical code.
    ///
    /// @param lengths of the symbols' codes, in the order of the symbols; zero for one that isn't used
    /// @param entries what the entry of a symbol is, but for the length of its code
    /// @param single whether the code may be only one of one bit, or none
    void make(byte[] lengths, int from, int to, int[] entries, boolean single) throws LayerException {
        Arrays.fill(count, 0);
        for (int i = from; i < to; i++) {
            count[lengths[i]]++;
        }
        int longest = LONGEST;
        while (longest > 0 && count[longest] == 0) {
            longest--;
        }
        count[0] = 0;
        int left = 1;
        int sum = 0;
        for (int length = 1; length <= LONGEST; length++) {
            left = (left << 1) - count[length];
            if (left < 0) {
                throw new LayerException("its gzip content is malformed: a code has too many symbols");
            }
            next[length] = sum;
            sum += count[length];
        }
        if (left > 0) {
            if (!single || longest > 1) {
                throw new LayerException("its gzip content is malformed: a code has too few symbols");
            }
            Arrays.fill(table, 0, 1 << bits, INVALID | 1);
        }
        for (int i = from; i < to; i++) {
            if (lengths[i] != 0) {
                symbols[next[lengths[i]]++] = i - from;
            }
        }
        further = Math.max(0, longest - bits);
        fill(longest, entries);
    }

    private void fill(int longest, int[] entries) {
        int code = 0;
        int symbol = 0;
        int end = 1 << bits;
        int prefix = -1;
        for (int length = 1; length <= longest; length++, code <<= 1) {
            for (int i = 0; i < count[length]; i++, code++) {
                int entry = entries[symbols[symbol++]];
                int reversed = Integer.reverse(code) >>> 32 - length;
                if (length <= bits) {
                    fill(0, reversed, 1 << length, 1 << bits, entry + (entry < 0 ? length : length << 8 | length));
                    continue;
                }
                if ((reversed & (1 << bits) - 1) != prefix) {
                    prefix = reversed & (1 << bits) - 1;
                    table[prefix] = SPECIAL | FURTHER | end << 16 | bits;
                    end += 1 << further;
                }
                int rest = length - bits;
                fill(end - (1 << further), reversed >>> bits, 1 << rest, 1 << further, entry + (entry < 0 ? rest : rest << 8 | rest));
            }
        }
    }

    /// Joins two literals that are found by one look.
    void pair() {
        for (int i = (1 << bits) - 1; i >= 0; i--) {
            int first = table[i];
            int length = first & 0x3f;
            int second = table[i >>> length];
            int both = length + (second & 0x3f);
            if ((first & second) < 0 && both <= bits) {
                table[i] = LITERAL | (second & 0xff00) << 8 | first & 0xff00 | 1 << 6 | both;
            }
        }
    }

    private void fill(int at, int first, int step, int end, int entry) {
        for (int i = first; i < end; i += step) {
            table[at + i] = entry;
        }
    }
}
