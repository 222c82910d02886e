// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/// How the first process of a container ended, as its monitor wrote it to the file `status`.
///
/// @param waitStatus as wait4(2) gives it
/// @param ended when that was
/// @param lostLogBytes what could not be written to the log
/// @param cpuNanos user and system time of the process and those it waited for
/// @param maximumResident the largest resident set in KiB
public record Status(int waitStatus, Instant ended, long lostLogBytes, long cpuNanos, long maximumResident) {
    private static final int LENGTH = 80;
    private static final int MAGIC = 0x31534c44;
    private static final int SIGNAL = 0x7f;
    private static final int CORE = 0x80;

    static Status parse(byte[] bytes, String shown) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length != LENGTH || data.getInt(0) != MAGIC) {
            throw Fields.damaged(shown, "it is no status");
        }
        long nanos = data.getLong(16);
        if (nanos < 0 || nanos >= 1_000_000_000) {
            throw Fields.damaged(shown, "its time is none");
        }
        long micros = 1_000_000 * (data.getLong(32) + data.getLong(48)) + data.getLong(40) + data.getLong(56);
        return new Status(
                data.getInt(4), Instant.ofEpochSecond(data.getLong(8), nanos), data.getLong(24), 1000 * micros, data.getLong(64));
    }

    public boolean signalled() {
        return (waitStatus & SIGNAL) != 0;
    }

    /// The exit code, or the number of the signal.
    public int code() {
        return signalled() ? waitStatus & SIGNAL : waitStatus >> 8 & 0xff;
    }

    public boolean coreDumped() {
        return signalled() && (waitStatus & CORE) != 0;
    }
}
