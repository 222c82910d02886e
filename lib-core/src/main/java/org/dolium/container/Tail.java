// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// The last bytes of a stream, up to a limit.
final class Tail {
    private static final int FIRST = 4096;

    private final int limit;
    private byte[] ring = new byte[0];
    private long total;

    Tail(int limit) {
        this.limit = limit;
    }

    void add(byte[] bytes, int length) {
        int from = Math.max(0, length - limit);
        total += from; // as if they had been here
        grow(length - from);
        for (int at = from; at < length; ) {
            int place = (int) (total % ring.length);
            int n = Math.min(length - at, ring.length - place);
            System.arraycopy(bytes, at, ring, place, n);
            total += n;
            at += n;
        }
    }

    /// Only while nothing was dropped, so that everything stays in its place.
    private void grow(int more) {
        long needed = Math.min(limit, total + more);
        if (ring.length < needed && total <= ring.length) {
            byte[] larger = new byte[(int) Math.min(limit, Math.max(FIRST, 2 * needed))];
            System.arraycopy(ring, 0, larger, 0, (int) total);
            ring = larger;
        } else if (ring.length < needed) {
            ring = new byte[(int) needed]; // more came at once than ever before: all of what was here is overwritten
        }
    }

    /// From the first whole line on, if the beginning is gone.
    byte[] bytes() {
        int size = (int) Math.min(total, ring.length);
        byte[] all = new byte[size];
        int start = ring.length == 0 ? 0 : (int) ((total - size) % ring.length);
        int first = Math.min(size, ring.length - start);
        System.arraycopy(ring, start, all, 0, first);
        System.arraycopy(ring, 0, all, first, size - first);
        if (total <= size) {
            return all;
        }
        int newline = LineSplitter.newline(all, 0, size);
        return newline < 0 ? all : java.util.Arrays.copyOfRange(all, newline + 1, size);
    }
}
