// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Several images under one name: the same for different platforms, usually.
///
/// @param mediaType the type that it names itself
/// @param artifactType the kind of artifact, if it is no image
/// @param manifests the images
/// @param subject the document that this one is about
/// @param annotations remarks, without an effect
/// @param more members that the specification doesn't have, as JSON
public record Index(
        @Nullable String mediaType,
        @Nullable String artifactType,
        List<Descriptor> manifests,
        @Nullable Descriptor subject,
        Map<String, String> annotations,
        Map<String, String> more)
        implements ImageDocument {
    /// The most images in an index.
    public static final int MOST_MANIFESTS = 1000;

    public Index {
        manifests = List.copyOf(manifests);
        annotations = Ordered.copyOf(annotations);
        more = Ordered.copyOf(more);
        if (mediaType != null && !MediaTypes.isIndex(mediaType)) {
            throw new IllegalArgumentException("'" + mediaType + "' is not the type of an index");
        }
        if (manifests.size() > MOST_MANIFESTS) {
            throw new IllegalArgumentException("the index has more than " + MOST_MANIFESTS + " images");
        }
    }

    /// An index of the OCI specification.
    public static Index of(List<Descriptor> manifests) {
        return new Index(MediaTypes.OCI_INDEX, null, manifests, null, Map.of(), Map.of());
    }

    /// The image that runs best on a platform, see [Platform#rank]; of equals the first.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists the platforms that there are
    public Descriptor select(Platform platform) {
        return PlatformSelection.select(this, platform);
    }

    @Override
    public String type() {
        return mediaType == null ? MediaTypes.OCI_INDEX : mediaType;
    }

    @Override
    public List<Descriptor> parts() {
        return manifests;
    }

    @Override
    public byte[] toJson() {
        return DocumentWriter.write(this);
    }
}
