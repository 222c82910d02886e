// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.dolium.kernel.LineEnds;

/// Makes lines of pieces of a stream. A line ends with `\n` or `\r\n`, which are not part of it; one of more than a MiB is given
/// in parts, so that what a container prints can't fill the heap.
final class LineSplitter {
    /// Who is told the lines.
    interface Sink {
        /// @param ascii whether it is known to be that: then nobody looks again, which is what short lines cost most
        void line(byte[] bytes, int from, int length, boolean ascii);
    }

    /// The longest line that is given in one piece, in bytes.
    static final int LONGEST = 1 << 20;

    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN).withInvokeExactBehavior();
    private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private final Sink sink;
    private final int longest;
    private byte[] begun = new byte[0];
    private int size;
    /// All bytes that [#next] has looked at, one over the other: which of their bits were ever set.
    private long bits;

    LineSplitter(Sink sink) {
        this(sink, LONGEST);
    }

    LineSplitter(Sink sink, int longest) {
        this.sink = sink;
        this.longest = longest;
    }

    static Sink strings(Consumer<? super String> consumer) {
        return new Sink() {
            @Override
            @SuppressWarnings("deprecation") // there is no other way to make a string of bytes as they are
            public void line(byte[] bytes, int from, int length, boolean ascii) {
                consumer.accept(ascii ? new String(bytes, 0, from, length) : new String(bytes, from, length, StandardCharsets.UTF_8));
            }
        };
    }

    static Sink bytes(LineBytes consumer) {
        return new Sink() {
            @Override
            public void line(byte[] bytes, int from, int length, boolean ascii) {
                consumer.line(bytes, from, length);
            }
        };
    }

    void add(byte[] bytes, int length) {
        int start = 0;
        for (int end = next(bytes, 0, length); end >= 0; end = next(bytes, start, length)) {
            line(bytes, start, end, (bits & HIGHS) == 0);
            start = end + 1;
        }
        keep(bytes, start, length);
    }

    /// As [#add(byte\[\], int)], if somebody has looked at the piece before.
    void add(byte[] bytes, int length, LineEnds ends) {
        if (!ends.known()) {
            add(bytes, length);
            return;
        }
        boolean ascii = ends.ascii();
        int start = 0;
        for (int at = 0; at < length; at += Long.SIZE) {
            for (long left = ends.newlines(at / Long.SIZE); left != 0; left &= left - 1) {
                int end = at + Long.numberOfTrailingZeros(left);
                line(bytes, start, end, ascii);
                start = end + 1;
            }
        }
        keep(bytes, start, length);
    }

    private void line(byte[] bytes, int start, int end, boolean ascii) {
        if (size > 0 || end - start > longest) {
            keep(bytes, start, end);
            flush();
        } else {
            tell(bytes, start, end, ascii);
        }
    }

    /// Gives what is left of a stream that has ended.
    void end() {
        if (size > 0) {
            flush();
        }
    }

    /// Whether a line is too long is not known before it goes on: the last byte may be the `\r` of its end.
    private void keep(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (size > longest) {
                part();
            }
            int n = Math.min(to - at, longest + 1 - size);
            if (size + n > begun.length) {
                begun = Arrays.copyOf(begun, Math.min(longest + 1, Math.max(size + n, 2 * begun.length)));
            }
            System.arraycopy(bytes, at, begun, size, n);
            size += n;
            at += n;
        }
    }

    /// A part ends between characters, which have four bytes at most.
    private void part() {
        int end = longest;
        while (end > longest - 3 && (begun[end] & 0xc0) == 0x80) {
            end--;
        }
        end = (begun[end] & 0xc0) == 0x80 ? longest : end;
        sink.line(begun, 0, end, false);
        System.arraycopy(begun, end, begun, 0, size - end);
        size -= end;
    }

    private void flush() {
        if (size > longest && begun[longest] != '\r') {
            part();
        }
        int end = size;
        size = 0;
        tell(begun, 0, end, false);
        if (begun.length > 1 << 16) {
            begun = new byte[0];
        }
    }

    private void tell(byte[] bytes, int from, int to, boolean ascii) {
        sink.line(bytes, from, (to > from && bytes[to - 1] == '\r' ? to - 1 : to) - from, ascii);
    }

    /// Where the next newline is, or -1. Looks at eight bytes at a time: a byte of the word is zero where there is one.
    private int next(byte[] bytes, int from, int to) {
        int at = from;
        long all = 0;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long read = (long) WORD.get(bytes, at);
            long found = newlines(read);
            all |= read;
            if (found != 0) {
                bits = all;
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; at < to; at++) {
            all |= bytes[at];
            if (bytes[at] == '\n') {
                bits = all;
                return at;
            }
        }
        return -1;
    }

    /// The lowest bit that is set is the highest of the first newline's byte.
    private static long newlines(long read) {
        long word = read ^ NEWLINES;
        return (word - ONES) & ~word & HIGHS;
    }

    /// The same for whoever makes no lines.
    static int newline(byte[] bytes, int from, int to) {
        int at = from;
        while (at <= to - Long.BYTES && newlines((long) WORD.get(bytes, at)) == 0) {
            at += Long.BYTES;
        }
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at < to ? at : -1;
    }
}
