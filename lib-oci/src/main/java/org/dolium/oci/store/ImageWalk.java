// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.jspecify.annotations.Nullable;

/// Everything that documents need: blobs and layers, and which of them are not there. An index needs no more of its images than are
/// there, as nobody downloads those of all platforms, but one of them.
final class ImageWalk {
    private static final int DEPTH = 3;

    private final StoreFiles files;
    private final BlobSource source;
    private final Set<Digest> blobs = new LinkedHashSet<>();
    private final Set<Digest> layers = new LinkedHashSet<>();
    /// At which depth each document was gone through: less of what it names is looked at where it is deep.
    private final Map<Digest, Integer> walked = new HashMap<>();
    /// Which documents are not of the type that an index says.
    private final Set<Descriptor> refused = new HashSet<>();
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
        if (!files.hasBlob(descriptor)) { // what another document says about its size is no reason not to look again
            if (depth == 0) {
                missing.add("its " + (MediaTypes.isIndex(descriptor.mediaType()) ? "index " : "manifest ") + descriptor.digest());
            }
            return false;
        }
        Integer before = walked.get(descriptor.digest());
        if (before != null && before <= depth) {
            return true;
        }
        ImageDocument document = read(descriptor, depth);
        if (document == null) {
            return false;
        }
        walked.put(descriptor.digest(), depth);
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

    /// What an index calls a document, and is whole and none, is a blob and no image of it: whoever wrote the index must not be able to
    /// stop collections.
    private @Nullable ImageDocument read(Descriptor descriptor, int depth) throws IOException {
        Descriptor bare = descriptor.bare();
        if (depth > 0 && (bare.size() > ImageDocument.LIMIT || refused.contains(bare))) {
            return null;
        }
        byte[] bytes = Contents.bytes(source, bare, ImageDocument.LIMIT);
        try {
            return Contents.document(bare, bytes);
        } catch (WrongContentException e) {
            if (depth == 0) {
                throw e;
            }
            refused.add(bare);
            return null;
        }
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
