// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.dolium.oci.unpack.LayerLimits;

/// Archives as people keep them: compressed by whatever their first bytes say.
final class PlainArchive {
    private static final int MAGIC = 6;
    private static final LayerLimits LIMITS = LayerLimits.standard();
    private static final long RATIO_AFTER = 64L << 20;

    private PlainArchive() {}

    static boolean isCompressed(byte[] first) {
        return !name(first).isEmpty();
    }

    private static String name(byte[] first) {
        if (starts(first, 0x1f, 0x8b)) {
            return "gzip";
        }
        if (starts(first, 0x28, 0xb5, 0x2f, 0xfd)) {
            return "zstd";
        }
        if (starts(first, 'B', 'Z', 'h')) {
            return "bzip2";
        }
        return starts(first, 0xfd, '7', 'z', 'X', 'Z', 0) ? "xz" : "";
    }

    private static boolean starts(byte[] first, int... magic) {
        boolean same = first.length >= magic.length;
        for (int i = 0; same && i < magic.length; i++) {
            same = (first[i] & 0xff) == magic[i];
        }
        return same;
    }

    /// @param from what may be compressed
    /// @return what is in it, within the limits of a layer
    static InputStream open(InputStream from) throws IOException {
        Counted counted = new Counted(from);
        BufferedInputStream buffered = new BufferedInputStream(counted, 1 << 16);
        buffered.mark(MAGIC);
        String name = name(buffered.readNBytes(MAGIC));
        buffered.reset();
        return new Limited(plain(name, buffered), counted);
    }

    private static InputStream plain(String name, InputStream buffered) throws IOException {
        return switch (name) {
            case "gzip" -> new GZIPInputStream(buffered, 1 << 16);
            case "bzip2" -> new BZip2CompressorInputStream(buffered, true);
            case "zstd" -> zstd(buffered);
            case "xz" -> throw new IOException("the archive is compressed with xz, which is not read; unpack it on the way:"
                    + " xz -dc FILE | dolium load, or | dolium import -");
            default -> buffered;
        };
    }

    private static InputStream zstd(InputStream from) throws IOException {
        try {
            return new ZstdCompressorInputStream(from);
        } catch (NoClassDefFoundError | UnsatisfiedLinkError | ExceptionInInitializerError e) {
            throw new IOException("the archive is compressed with zstd, for which com.github.luben:zstd-jni must be on the class path", e);
        }
    }

    private static class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream from) {
            super(from);
        }

        long count() {
            return count;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }

    /// Ends with an error where a small archive becomes a large one.
    private static final class Limited extends Counted {
        private final Counted compressed;

        Limited(InputStream from, Counted compressed) {
            super(from);
            this.compressed = compressed;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (count() > LIMITS.bytes() || count() > RATIO_AFTER && count() / LIMITS.ratio() > compressed.count()) {
                throw new IOException("the archive is larger than " + LIMITS.bytes() + " bytes, or more than " + LIMITS.ratio()
                        + " times as large as it is compressed");
            }
            return read;
        }
    }
}
