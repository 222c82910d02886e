// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerLayers;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
import org.jspecify.annotations.Nullable;

/// Finds the image that a container was made of: the one whose layers are below what the container writes.
final class ContainerImage {
    private ContainerImage() {}

    /// @param wanted the image, if the caller knows it; its layers must be the container's all the same
    static LocalImage of(ImageStore store, ContainerLayers layers, @Nullable String wanted) throws IOException {
        if (wanted != null) {
            LocalImage image = LocalImage.find(store, wanted);
            if (!isBelow(store, image.manifest(), layers.lower())) {
                throw new IOException("the container was not made of " + wanted + ": it has other layers");
            }
            return image;
        }
        List<LocalImage> found = new ArrayList<>();
        for (StoredImage image : store.images()) {
            Manifest manifest = LocalImage.manifest(image);
            if (manifest != null && isBelow(store, manifest, layers.lower())) {
                found.add(new LocalImage(image, null, manifest));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("the container was made of no image that is in " + store.directory());
        }
        long ids = found.stream().map(LocalImage::id).distinct().count();
        if (ids > 1) {
            throw new IOException("several images have the layers of the container; say which with --image: "
                    + found.stream().map(image -> image.image().toString()).toList());
        }
        return found.get(0);
    }

    private static boolean isBelow(ImageStore store, Manifest manifest, List<Path> lower) throws IOException {
        List<Digest> chain = ChainId.all(store.config(manifest).diffIds());
        if (chain.size() != lower.size()) {
            return false;
        }
        for (int i = 0; i < lower.size(); i++) {
            Digest layer = chain.get(chain.size() - 1 - i);
            if (!lower.get(i).startsWith(store.directory().resolve("layers").resolve(layer.algorithm()).resolve(layer.hex()))) {
                return false;
            }
        }
        return true;
    }
}
