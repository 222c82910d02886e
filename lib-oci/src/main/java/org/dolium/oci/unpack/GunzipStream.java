// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;

/// What is compressed by gzip, read strictly (RFC 1952). The JDK's own reader ends silently where something else follows, and asks the
/// stream below whether more is `available` to know if there is a further member.
final class GunzipStream extends InputStream {
    private static final int MOST_MEMBERS = 1_000_000;

    private final InputStream from;
    private final Inflate inflate;
    private final CRC32 crc = new CRC32();
    private final CRC32 headerCrc = new CRC32();
    private int start;
    private int ready;
    private long length;
    private int members;
    private boolean inside;
    private boolean ended;

    GunzipStream(InputStream from) {
        this.from = from;
        inflate = new Inflate(from);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        while (ready == 0 && !ended && length > 0) {
            if (inside) {
                more();
            } else {
                begin();
            }
        }
        if (ready == 0 || length == 0) {
            return length == 0 ? 0 : -1;
        }
        int part = Math.min(ready, length);
        System.arraycopy(inflate.out(), start, bytes, offset, part);
        start += part;
        ready -= part;
        return part;
    }

    private void more() throws IOException {
        ready = inflate.more();
        start = inflate.start();
        length += ready;
        crc.update(inflate.out(), start, ready);
        if (ready == 0) {
            finish();
        }
    }

    private void begin() throws IOException {
        int first = inflate.next();
        if (first < 0 && members > 0) {
            ended = true;
            return;
        }
        if (members++ == MOST_MEMBERS) {
            throw new LayerException("its gzip content has more than " + MOST_MEMBERS + " members");
        }
        headerCrc.reset();
        header(counted(first));
        inflate.begin();
        crc.reset();
        length = 0;
        inside = true;
    }

    private void header(int first) throws IOException {
        if (first != 0x1f || next() != 0x8b || next() != 8) {
            throw new LayerException(members == 1 ? "its content is not gzip" : "something else follows its gzip content");
        }
        int flags = next();
        skip(6);
        if ((flags & 0xe0) != 0) {
            throw new LayerException("its gzip header has unknown flags");
        }
        if ((flags & 4) != 0) {
            skip(next() | next() << 8);
        }
        for (int flag = 8; flag <= 16; flag <<= 1) {
            while ((flags & flag) != 0 && next() != 0) {
                // a name, a comment
            }
        }
        int sum = (int) headerCrc.getValue() & 0xffff;
        if ((flags & 2) != 0 && (next() | next() << 8) != sum) {
            throw new LayerException("its gzip header has a wrong checksum");
        }
    }

    private void finish() throws IOException {
        if (number() != crc.getValue() || number() != (length & 0xffffffffL)) {
            throw new LayerException("its gzip content has a wrong checksum or length");
        }
        inside = false;
    }

    private long number() throws IOException {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private int next() throws IOException {
        return counted(inflate.next());
    }

    private int counted(int b) throws LayerException {
        if (b < 0) {
            throw Inflate.early();
        }
        headerCrc.update(b);
        return b;
    }

    @Override
    public void close() throws IOException {
        from.close();
    }
}
