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

    private final @Nullable PipeInput source;
    private final int limit;
    private byte[] bytes = new byte[0];
    private int size;
    private boolean truncated;
    private volatile boolean ended;
    private byte[] chunk = NO_CHUNK;

    Captured(@Nullable PipeInput source, int limit) {
        this.source = source;
        this.limit = limit;
        this.ended = source == null;
    }

    /// Takes what is there now.
    ///
    /// @return whether anything came
    boolean drain() throws IOException {
        boolean progress = false;
        if (!ended && chunk.length == 0) {
            chunk = new byte[SMALL_CHUNK];
        }
        while (!ended && source != null) {
            int n = source.tryRead(chunk, 0, chunk.length);
            if (n == 0) {
                break;
            }
            progress = true;
            if (n < 0) {
                ended = true;
            } else {
                keep(chunk, n);
                if (n == SMALL_CHUNK) { // there is more: most output is short
                    chunk = new byte[LARGE_CHUNK];
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
        ended = true;
    }

    /// Gives up what may still come.
    void cut() {
        truncated = true;
        ended = true;
    }

    @Nullable PipeInput source() {
        return source;
    }

    boolean ended() {
        return ended;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, size);
    }

    boolean truncated() {
        return truncated;
    }
}
