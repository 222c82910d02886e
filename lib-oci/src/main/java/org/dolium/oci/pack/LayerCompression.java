// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.dolium.oci.image.MediaTypes;

/// How a layer is compressed when it is written.
public enum LayerCompression {
    NONE,
    /// What everything reads. The header has no time and no name; the same content gives the same bytes from the same zlib.
    GZIP,
    /// Smaller and faster, for which `com.github.luben:zstd-jni` must be on the class path.
    ZSTD;

    private static final int BUFFER = 1 << 16;

    /// @param docker whether the image is in Docker's format, which has no zstd: Docker takes OCI's type then
    public String mediaType(boolean docker) {
        return switch (this) {
            case NONE -> docker ? MediaTypes.DOCKER_LAYER : MediaTypes.OCI_LAYER;
            case GZIP -> docker ? MediaTypes.DOCKER_LAYER_GZIP : MediaTypes.OCI_LAYER_GZIP;
            case ZSTD -> docker ? MediaTypes.DOCKER_LAYER_ZSTD : MediaTypes.OCI_LAYER_ZSTD;
        };
    }

    OutputStream to(OutputStream out) throws IOException {
        return switch (this) {
            case NONE -> out;
            case GZIP -> new GZIPOutputStream(out, BUFFER);
            case ZSTD -> zstd(out);
        };
    }

    private static OutputStream zstd(OutputStream out) throws IOException {
        try {
            return new ZstdCompressorOutputStream(out);
        } catch (NoClassDefFoundError | UnsatisfiedLinkError | ExceptionInInitializerError e) {
            throw new IOException("to compress with zstd, com.github.luben:zstd-jni must be on the class path", e);
        }
    }
}
