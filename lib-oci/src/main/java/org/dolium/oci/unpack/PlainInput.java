// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.concurrent.Executor;
import org.dolium.oci.blob.ReadAhead;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Digest;
import org.jspecify.annotations.Nullable;

/// The archive in a layer: decompressed under limits, and hashed on both sides while it is read.
final class PlainInput implements Closeable {
    private final VerifiedStream blob;
    private final CountedInput compressed;
    private final InputStream plain;
    private final Digest diffId;
    private final MessageDigest hasher;
    private final LayerLimits limits;
    private long count;

    /// @param threads where it is decompressed, or null for the thread that reads
    PlainInput(VerifiedStream blob, Digest diffId, LayerLimits limits, @Nullable Executor threads) throws IOException {
        this.blob = blob;
        this.diffId = diffId;
        this.limits = limits;
        compressed = new CountedInput(blob);
        InputStream content = Compression.of(blob.descriptor().mediaType()).open(compressed);
        plain = threads == null ? content : ReadAhead.of(content, blob, threads);
        hasher = diffId.hasher();
    }

    /// Reads all of `bytes`, or nothing at the end.
    ///
    /// @return whether it was read
    boolean readBlock(byte[] bytes) throws IOException {
        int length = 0;
        while (length < bytes.length) {
            int read = read(bytes, length, bytes.length - length);
            if (read < 0 && length == 0) {
                return false;
            }
            if (read < 0) {
                throw new LayerException("its archive ends in the middle of a header or file");
            }
            length += read;
        }
        return true;
    }

    int read(byte[] bytes, int offset, int length) throws IOException {
        int read;
        try {
            read = plain.read(bytes, offset, length);
        } catch (IOException e) {
            if (e instanceof LayerException || e instanceof InterruptedIOException || compressed.failed()) {
                throw e;
            }
            throw new LayerException("its content can't be decompressed: " + e.getMessage(), e);
        }
        if (read > 0) {
            hasher.update(bytes, offset, read);
            count += read;
            check();
        }
        return read;
    }

    private void check() throws LayerException {
        if (count > limits.bytes()) {
            throw new LayerException("it has more than " + limits.bytes() + " bytes");
        }
        if (count > LayerLimits.RATIO_AFTER && count / limits.ratio() > compressed.count()) {
            throw new LayerException("more than " + limits.ratio() + " times as much comes out of it as goes in");
        }
    }

    /// Makes sure, after its end, that it was what its descriptor and the configuration of the image name.
    void verify() throws IOException {
        if (compressed.read() >= 0) {
            throw new LayerException("something else follows its content");
        }
        if (!blob.isVerified()) {
            throw new AssertionError("a stream that ends is verified");
        }
        Digest found = Digest.finished(diffId.algorithm(), hasher.digest());
        if (!found.equals(diffId)) {
            throw new WrongContentException("the layer " + blob.descriptor().digest() + " has the content " + found
                    + ", and the configuration of the image says " + diffId);
        }
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
