// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;

/// What a name stands for: the documents on the way to one image, in memory, and that image. The name is asked for once, and
/// everything else by digest, first in the store.
final class Resolution {
    /// How many indexes may be in each other.
    private static final int DEPTH = 3;

    /// @param content what it is
    /// @param bytes all of it
    private record Part(Descriptor content, byte[] bytes) {}

    private final ImageSource source;
    private final ImageStore store;
    private final StoreSink sink;
    /// Each before what names it.
    private final List<Part> missing = new ArrayList<>();

    Resolution(ImageSource source, ImageStore store, StoreSink sink) {
        this.source = source;
        this.store = store;
        this.sink = sink;
    }

    /// Finds the image for a platform.
    PulledImage resolve(String name, Platform platform) throws IOException {
        Descriptor root = source.resolve(name);
        Descriptor at = root;
        ImageDocument document = document(at);
        for (int depth = 0; document instanceof Index index; depth++) {
            if (depth == DEPTH) {
                throw new WrongContentException(root.digest() + " has an image in more than " + DEPTH + " indexes");
            }
            at = select(index, at, platform);
            document = document(at);
        }
        Manifest manifest = (Manifest) document;
        if (!MediaTypes.isConfig(manifest.config().mediaType())) {
            throw new WrongContentException(at.digest() + " is no image: its configuration is of the type "
                    + manifest.config().mediaType());
        }
        ImageConfig config = Contents.config(manifest, bytes(manifest.config(), ImageConfig.LIMIT));
        try {
            config.checkRunsOn(platform);
            config.checkLayers(manifest);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(at.digest() + ": " + e.getMessage(), e);
        }
        return new PulledImage(root, at, manifest, config);
    }

    private static Descriptor select(Index index, Descriptor at, Platform platform) throws IOException {
        try {
            return index.select(platform);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException(at.digest() + ": " + e.getMessage(), e);
        }
    }

    private ImageDocument document(Descriptor content) throws IOException {
        return Contents.document(content, bytes(content, ImageDocument.LIMIT));
    }

    private byte[] bytes(Descriptor content, int most) throws IOException {
        if (sink.has(content)) {
            try {
                return Contents.bytes(store, content, most);
            } catch (WrongContentException e) {
                // the disk has changed it; the right one takes its place
            }
        }
        byte[] bytes = Contents.bytes(source, content, most);
        missing.addFirst(new Part(content.bare(), bytes));
        return bytes;
    }

    /// Writes the documents that the store doesn't have.
    void keep() throws IOException {
        for (Part part : missing) {
            sink.put(Contents.stream(part.content(), part.bytes()));
        }
    }
}
