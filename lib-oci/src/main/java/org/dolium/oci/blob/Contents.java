// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Manifest;

/// Reads small content as a whole.
public final class Contents {
    private Contents() {}

    /// The bytes that a descriptor names.
    ///
    /// @param most the most bytes that are read
    public static byte[] bytes(ImageSource source, Descriptor content, int most) throws IOException {
        if (content.size() > most) {
            throw new WrongContentException(
                    content.digest() + " has " + content.size() + " bytes, of which at most " + most + " are read");
        }
        byte[] inside = content.content();
        if (inside != null) {
            return inside;
        }
        Attempts attempts = new Attempts(content, List.of(source));
        while (true) {
            try (VerifiedStream stream = attempts.open()) {
                try {
                    return whole(stream);
                } catch (WrongContentException e) {
                    attempts.failed(stream, e);
                }
            }
        }
    }

    private static byte[] whole(VerifiedStream stream) throws IOException {
        byte[] bytes = stream.readNBytes((int) stream.descriptor().size());
        if (stream.read() >= 0 || !stream.isVerified()) {
            throw new AssertionError("a stream that ends is verified");
        }
        return bytes;
    }

    /// The document that a descriptor names.
    public static ImageDocument document(ImageSource source, Descriptor content) throws IOException {
        return document(content, bytes(source, content, ImageDocument.LIMIT));
    }

    /// The document that these bytes are, which are what the descriptor names.
    public static ImageDocument document(Descriptor content, byte[] bytes) throws IOException {
        try {
            return ImageDocument.parse(bytes, content.mediaType());
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(content.digest() + ": " + e.getMessage(), e);
        }
    }

    /// The configuration of an image.
    public static ImageConfig config(ImageSource source, Manifest manifest) throws IOException {
        return config(manifest, bytes(source, manifest.config(), ImageConfig.LIMIT));
    }

    /// The configuration that these bytes are, which are what the manifest names.
    public static ImageConfig config(Manifest manifest, byte[] bytes) throws IOException {
        try {
            return ImageConfig.parse(bytes);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(manifest.config().digest() + ": " + e.getMessage(), e);
        }
    }

    /// A stream of bytes that were verified before, or come from here.
    public static VerifiedStream stream(Descriptor content, byte[] bytes) {
        return new VerifiedStream(new ByteArrayInputStream(bytes), content, "memory");
    }
}
