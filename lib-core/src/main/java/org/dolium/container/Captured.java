// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.util.Arrays;
import org.dolium.launch.PipeInput;
import org.jspecify.annotations.Nullable;

/// Collects one output stream up to a limit, and drops what comes after it.
final class Captured {
    private static final int FIRST = 4096;
    private static final int SMALL_CHUNK = 4096;
    private static final int LARGE_CHUNK = 65536;
    private static final byte[] NO_CHUNK = new byte[0];
    /// More than a pipe holds that is read in large pieces, so that what is there now is taken even if more comes all the time.
    private static final int MOST_READS = 64;

    /// Nothing when it has ended: the result keeps this one, and need not keep that.
    private volatile @Nullable PipeInput source;
    private final int limit;
    private byte[] bytes = new byte[0];
    private int size;
    private boolean truncated;
    private byte[] chunk = NO_CHUNK;

    Captured(@Nullable PipeInput source, int limit) {
        this.source = source;
        this.limit = limit;
    }

    /// Takes what is there now, and not what comes for ever: the caller has to look at the clock and at the other stream.
    ///
    /// @return whether anything came, so that more may be there
    boolean drain() throws IOException {
        boolean progress = false;
        PipeInput from = source;
        byte[] room = from != null && chunk.length == 0 ? new byte[SMALL_CHUNK] : chunk;
        chunk = room;
        for (int i = 0; from != null && i < MOST_READS; i++) {
            int n = from.tryRead(room, 0, room.length);
            if (n == 0) {
                break;
            }
            progress = true;
            if (n < 0) {
                end();
                from = null;
            } else {
                keep(room, n);
                if (n == SMALL_CHUNK) { // there is more: most output is short
                    room = new byte[LARGE_CHUNK];
                    chunk = room;
                }
            }
        }
        return progress;
    }

    /// Takes the first `n` bytes of `chunk`, as far as they fit.
    void keep(byte[] chunk, int n) {
        int kept = Math.min(n, limit - size);
        truncated |= kept < n;
        if (size + kept > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(Math.max(FIRST, size + kept), bytes.length * 2)));
        }
        System.arraycopy(chunk, 0, bytes, size, kept);
        size += kept;
    }

    /// Takes note that nothing will come any more.
    void end() {
        source = null;
        chunk = NO_CHUNK;
    }

    /// Gives up what may still come.
    void cut() {
        truncated = true;
        end();
    }

    @Nullable PipeInput source() {
        return source;
    }

    boolean ended() {
        return source == null;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, size);
    }

    boolean truncated() {
        return truncated;
    }
}
