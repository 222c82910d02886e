// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.Optional;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
import org.jspecify.annotations.Nullable;

/// An image of a store as the command line names it: by a name, or by the beginning of its id, which is the digest of its
/// configuration, or of its document's digest.
///
/// @param image the image
/// @param name the name that was asked for, or null if it was asked for by id
/// @param manifest the manifest for this machine
record LocalImage(StoredImage image, @Nullable ImageReference name, Manifest manifest) {
    private static final int FEWEST = 2;

    static LocalImage find(ImageStore store, String wanted) throws IOException {
        Optional<Descriptor> named = named(store, wanted);
        if (named.isPresent()) {
            StoredImage image = store.image(named.get());
            return new LocalImage(image, ImageReference.parse(wanted).withDefaultTag(), image.manifest(platform()));
        }
        LocalImage found = null;
        for (StoredImage image : store.images()) {
            Manifest manifest = manifest(image);
            if (manifest != null && (starts(manifest.config().digest(), wanted) || starts(image.root().digest(), wanted))) {
                if (found != null && !found.image.root().digest().equals(image.root().digest())) {
                    throw new IOException("several images begin with '" + wanted + "'");
                }
                found = new LocalImage(image, null, manifest);
            }
        }
        if (found == null) {
            throw new IOException("no such image: " + wanted);
        }
        return found;
    }

    private static Optional<Descriptor> named(ImageStore store, String wanted) throws IOException {
        try {
            return store.find(ImageReference.parse(wanted).withDefaultTag());
        } catch (IllegalArgumentException e) {
            if (wanted.matches("(sha256:)?[0-9a-f]+")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// The manifest for this machine, or null if the image has none.
    static @Nullable Manifest manifest(StoredImage image) {
        try {
            return image.manifest(platform());
        } catch (IOException e) {
            return null;
        }
    }

    static Platform platform() {
        return Platform.of("linux", System.getProperty("os.arch"));
    }

    private static boolean starts(Digest digest, String wanted) {
        String begin = wanted.startsWith("sha256:") ? wanted.substring(7) : wanted;
        return begin.length() >= FEWEST && digest.hex().startsWith(begin);
    }

    /// The digest of its configuration.
    Digest id() {
        return manifest.config().digest();
    }

    ImageConfig config(ImageStore store) throws IOException {
        return store.config(manifest);
    }

    /// The document of the manifest for this machine.
    Descriptor selected() throws IOException {
        return image.select(platform());
    }
}
