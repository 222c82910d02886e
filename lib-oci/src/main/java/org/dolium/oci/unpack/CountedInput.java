// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Counts what is read, and remembers whether reading failed: what fails later is then not the content's fault.
final class CountedInput extends FilterInputStream {
    /// Written by the thread that decompresses, which may be another than the one that asks.
    private volatile long count;

    private volatile boolean failed;

    CountedInput(InputStream from) {
        super(from);
    }

    long count() {
        return count;
    }

    boolean failed() {
        return failed;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        failed = true;
        int read = in.read(bytes, offset, length);
        failed = false;
        count = count + Math.max(0, read);
        return read;
    }
}
