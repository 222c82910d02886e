// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// What is compressed by gzip, read strictly (RFC 1952). The JDK's own reader ends silently where something else follows, and asks the
/// stream below whether more is `available` to know if there is a further member.
final class GunzipStream extends InputStream {
    private static final int MOST_MEMBERS = 1_000_000;

    private final InputStream from;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final CRC32 headerCrc = new CRC32();
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;
    private int members;
    private boolean inside;
    private boolean ended;

    GunzipStream(InputStream from) {
        this.from = from;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int read = inside ? inflate(bytes, offset, length) : 0;
            if (read > 0) {
                crc.update(bytes, offset, read);
                return read;
            }
            if (!inside) {
                begin();
            }
        }
        return -1;
    }

    private int inflate(byte[] bytes, int offset, int length) throws IOException {
        int read;
        try {
            read = inflater.inflate(bytes, offset, length);
        } catch (DataFormatException e) {
            throw new LayerException("its gzip content is malformed: " + e.getMessage(), e);
        }
        if (read > 0) {
            return read;
        }
        if (inflater.finished()) {
            at = end - inflater.getRemaining();
            finish();
        } else if (inflater.needsDictionary()) {
            throw new LayerException("its gzip content needs a dictionary");
        } else if (fill()) {
            inflater.setInput(buffer, 0, end);
            at = end;
        } else {
            throw early();
        }
        return 0;
    }

    private void begin() throws IOException {
        if (at == end && !fill()) {
            if (members == 0) {
                throw early();
            }
            ended = true;
            return;
        }
        if (members++ == MOST_MEMBERS) {
            throw new LayerException("its gzip content has more than " + MOST_MEMBERS + " members");
        }
        header();
        inflater.reset();
        crc.reset();
        inflater.setInput(buffer, at, end - at);
        at = end;
        inside = true;
    }

    private void header() throws IOException {
        headerCrc.reset();
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
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
        if (number() != crc.getValue() || number() != (inflater.getBytesWritten() & 0xffffffffL)) {
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
        if (at == end && !fill()) {
            throw early();
        }
        int b = buffer[at++] & 0xff;
        headerCrc.update(b);
        return b;
    }

    private boolean fill() throws IOException {
        int read = 0;
        while (read == 0) {
            read = from.read(buffer, 0, buffer.length);
        }
        at = 0;
        end = Math.max(0, read);
        return read > 0;
    }

    private static LayerException early() {
        return new LayerException("its gzip content ends early");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        from.close();
    }
}
