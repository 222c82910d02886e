// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;

/// An image in a store: a document, and the names that stand for it.
public final class StoredImage {
    private static final int DEPTH = 3;

    private final ImageSource source;
    private final Descriptor root;
    private final List<ImageReference> names;

    StoredImage(ImageSource source, Descriptor root, List<ImageReference> names) {
        this.source = source;
        this.root = root;
        this.names = List.copyOf(names);
    }

    /// The manifest or the index.
    public Descriptor root() {
        return root;
    }

    /// The names, in the order in which they were given. There may be none.
    public List<ImageReference> names() {
        return names;
    }

    /// The manifest for a platform, as a descriptor: of an index, the one that runs best there.
    ///
    /// @throws IOException if there is none for it, or it is not in the store
    public Descriptor select(Platform platform) throws IOException {
        Descriptor at = root;
        for (int i = 0; i < DEPTH; i++) {
            if (!(document(at, platform) instanceof Index index)) {
                return at;
            }
            try {
                at = index.select(platform);
            } catch (IllegalArgumentException e) {
                throw new IOException(this + ": " + e.getMessage(), e);
            }
        }
        return at;
    }

    /// The manifest for a platform.
    public Manifest manifest(Platform platform) throws IOException {
        Descriptor selected = select(platform);
        if (document(selected, platform) instanceof Manifest manifest) {
            return manifest;
        }
        throw new IOException(this + " has more than " + DEPTH + " indexes in each other");
    }

    /// The configuration for a platform.
    public ImageConfig config(Platform platform) throws IOException {
        Manifest manifest = manifest(platform);
        try {
            return Contents.config(source, manifest);
        } catch (NoSuchFileException e) {
            throw missing("configuration " + manifest.config().digest(), platform, e);
        }
    }

    private ImageDocument document(Descriptor descriptor, Platform platform) throws IOException {
        try {
            return Contents.document(source, descriptor);
        } catch (NoSuchFileException e) {
            throw missing("manifest " + descriptor.digest(), platform, e);
        }
    }

    private IOException missing(String what, Platform platform, NoSuchFileException cause) {
        NoSuchFileException missing = new NoSuchFileException(
                this.toString(), null, "its " + what + " for " + platform + " is not in the store; pull it for this platform");
        missing.initCause(cause);
        return missing;
    }

    /// Its first name, else its digest.
    @Override
    public String toString() {
        return names.isEmpty() ? root.digest().toString() : names.get(0).familiar();
    }
}
