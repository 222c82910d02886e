// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;

/// Everything that documents need: blobs and layers, and which of them are not there. An index needs no more of its images than are
/// there, as nobody downloads those of all platforms, but one of them.
final class ImageWalk {
    private static final int DEPTH = 3;

    private final StoreFiles files;
    private final BlobSource source;
    private final Set<Digest> blobs = new LinkedHashSet<>();
    private final Set<Digest> layers = new LinkedHashSet<>();
    private final Set<Digest> walked = new LinkedHashSet<>();
    private final List<String> missing = new ArrayList<>();

    ImageWalk(StoreFiles files) {
        this.files = files;
        this.source = new BlobSource(files);
    }

    /// The digests of all documents, configurations and compressed layers.
    Set<Digest> blobs() {
        return blobs;
    }

    /// The chain ids of all layers.
    Set<Digest> layers() {
        return layers;
    }

    /// What is missing, as words.
    List<String> missing() {
        return missing;
    }

    /// @throws WrongContentException if a document is damaged, so that nobody knows what it needs
    void add(Descriptor root) throws IOException {
        document(root, 0);
    }

    /// Adds a blob alone.
    void addBlob(Digest digest) {
        blobs.add(digest);
    }

    /// Adds a layer alone.
    void addLayer(Digest chainId) {
        layers.add(chainId);
    }

    private boolean document(Descriptor descriptor, int depth) throws IOException {
        blobs.add(descriptor.digest());
        if (!walked.add(descriptor.digest())) {
            return true;
        }
        if (!files.hasBlob(descriptor)) {
            if (depth == 0) {
                missing.add("its " + (MediaTypes.isIndex(descriptor.mediaType()) ? "index " : "manifest ") + descriptor.digest());
            }
            return false;
        }
        ImageDocument document = Contents.document(source, descriptor.bare());
        if (document instanceof Manifest manifest) {
            manifest(manifest);
            return true;
        }
        boolean some = document.parts().isEmpty();
        for (Descriptor part : document.parts()) {
            blobs.add(part.digest());
            boolean below = MediaTypes.isDocument(part.mediaType()) && depth < DEPTH;
            some |= below ? document(part, depth + 1) : files.hasBlob(part);
        }
        if (!some) {
            missing.add("every image of the index " + descriptor.digest());
        }
        return true;
    }

    private void manifest(Manifest manifest) throws IOException {
        blobs.add(manifest.config().digest());
        List<Digest> chain = List.of();
        if (!files.hasBlob(manifest.config())) {
            missing.add("the configuration " + manifest.config().digest());
        } else if (MediaTypes.isConfig(manifest.config().mediaType())) {
            chain = chain(manifest);
            layers.addAll(chain);
        }
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            blobs.add(layer.digest());
            boolean unpacked = i < chain.size() && files.hasLayer(chain.get(i));
            if (!unpacked && !files.hasBlob(layer)) {
                missing.add("layer " + (i + 1) + " of " + manifest.layers().size() + ", " + layer.digest());
            }
        }
    }

    /// A configuration that can't be read has no layers that could have been unpacked.
    private List<Digest> chain(Manifest manifest) throws IOException {
        byte[] bytes = Contents.bytes(source, manifest.config().bare(), ImageConfig.LIMIT);
        try {
            List<Digest> chain = ChainId.all(ImageConfig.parse(bytes).diffIds());
            return chain.size() == manifest.layers().size() ? chain : List.of();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }
}
