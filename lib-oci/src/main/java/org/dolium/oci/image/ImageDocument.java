// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the name of an image stands for: the [Manifest] of one image, or an [Index] of several.
public sealed interface ImageDocument permits Manifest, Index {
    /// The largest document, in bytes, which is what registries take too.
    int LIMIT = 4 << 20;

    /// Reads a document of a known type. It must have the shape of that type and of no other, and if it names its own type, that
    /// one: what is a manifest for one reader and an index for another is refused.
    ///
    /// @param bytes the document, whose digest was verified
    /// @param mediaType what its descriptor or its registry says it is
    /// @throws IllegalArgumentException if it is something else; the message names the place, as `$.layers[2].digest`
    static ImageDocument parse(byte[] bytes, String mediaType) {
        return DocumentReader.read(bytes, mediaType);
    }

    /// Its type: the one it names, or that of the OCI specification.
    String type();

    @Nullable String artifactType();

    @Nullable Descriptor subject();

    Map<String, String> annotations();

    /// The blobs and documents that it names, except its subject: an image is complete only with these.
    List<Descriptor> parts();

    /// The document as JSON, in the order of the specification. What was read and is not changed is better kept as the bytes that
    /// were read, which have the digest.
    byte[] toJson();
}
