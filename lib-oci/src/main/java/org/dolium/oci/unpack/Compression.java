// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.dolium.oci.image.MediaTypes;

/// How a layer is compressed, as its media type says.
enum Compression {
    NONE,
    GZIP,
    ZSTD;

    static Compression of(String mediaType) throws LayerException {
        if (mediaType.endsWith(".tar+gzip") || mediaType.endsWith(".tar.gzip")) {
            return GZIP;
        }
        if (mediaType.endsWith(".tar+zstd") || mediaType.endsWith(".tar.zstd")) {
            return ZSTD;
        }
        if (mediaType.endsWith(".tar") && (mediaType.equals(MediaTypes.OCI_LAYER)
                || mediaType.equals(MediaTypes.DOCKER_LAYER) || MediaTypes.isForeignLayer(mediaType))) {
            return NONE;
        }
        throw new LayerException("its media type is that of no layer");
    }

    /// What is compressed in `from`.
    InputStream open(InputStream from) throws IOException {
        return switch (this) {
            case NONE -> from;
            case GZIP -> new GunzipStream(from);
            case ZSTD -> zstd(from);
        };
    }

    /// Frames whose window is larger than 128 MiB are refused by the library, as are bytes after the last frame.
    private static InputStream zstd(InputStream from) throws IOException {
        try {
            return new ZstdCompressorInputStream(from);
        } catch (NoClassDefFoundError | UnsatisfiedLinkError | ExceptionInInitializerError e) {
            throw new IOException("it is compressed with zstd, for which com.github.luben:zstd-jni must be on the class path", e);
        }
    }
}
