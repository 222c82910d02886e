// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

/// Where lines end in a piece of a stream, found by vector instructions in native memory: sixteen bytes at a time, where Java finds
/// eight. Not for several threads at once.
public final class LineEnds {
    private static final int WORD = 64;

    private long[] newlines = new long[0];
    private boolean known;
    private boolean ascii;

    /// How much memory a piece of `most` bytes needs: for itself, and for what is found.
    ///
    /// @param most a multiple of 64
    public static int room(int most) {
        return Math.addExact(most, most / Byte.SIZE);
    }

    /// Looks at the first `length` bytes.
    ///
    /// @param piece what [#room] says of `most`
    /// @param most how long the piece may be
    /// @throws IndexOutOfBoundsException if the piece is longer, or the memory too small
    public void find(Memory piece, int length, int most) {
        if (length < 0 || length > most || most % WORD != 0 || piece.size() < room(most)) {
            throw new IndexOutOfBoundsException(length + " of " + most + " bytes in " + piece.size());
        }
        int words = (length + WORD - 1) / WORD;
        long others = words == 0 ? 0 : Native.invoke(Native.LINES, piece.address(), piece.address() + most, words, 0, 0, 0, 0);
        if (newlines.length < words) {
            newlines = new long[most / WORD];
        }
        for (int i = 0; i < words; i++) {
            newlines[i] = piece.getLong(most + i * Long.BYTES);
        }
        if (length % WORD != 0) { // what follows the piece is none of its
            newlines[words - 1] &= -1L >>> -length;
        }
        ascii = others == 0;
        known = true;
    }

    /// Nothing is known of the piece that is here now.
    public void forget() {
        known = false;
    }

    /// Whether the last piece was looked at.
    public boolean known() {
        return known;
    }

    /// Whether the piece has only ASCII characters. If not, it may still have: what was in its memory before counts as well.
    public boolean ascii() {
        return ascii;
    }

    /// Which of the bytes from `64 * word` are newlines: the lowest bit is the first of them.
    public long newlines(int word) {
        return newlines[word];
    }
}
