// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One image: its configuration and its layers.
///
/// @param mediaType the type that it names itself
/// @param artifactType the kind of artifact, if it is no image
/// @param config the configuration
/// @param layers the layers, the lowest first
/// @param subject the document that this one is about
/// @param annotations remarks, without an effect
/// @param more members that the specification doesn't have, as JSON
public record Manifest(
        @Nullable String mediaType,
        @Nullable String artifactType,
        Descriptor config,
        List<Descriptor> layers,
        @Nullable Descriptor subject,
        Map<String, String> annotations,
        Map<String, String> more)
        implements ImageDocument {
    /// The most layers of an image.
    public static final int MOST_LAYERS = 500;

    public Manifest {
        layers = List.copyOf(layers);
        annotations = Ordered.copyOf(annotations);
        more = Ordered.copyOf(more);
        if (mediaType != null && !MediaTypes.isManifest(mediaType)) {
            throw new IllegalArgumentException("'" + mediaType + "' is not the type of a manifest");
        }
        if (layers.size() > MOST_LAYERS) {
            throw new IllegalArgumentException("the manifest has more than " + MOST_LAYERS + " layers");
        }
    }

    /// A manifest of the OCI specification.
    public static Manifest of(Descriptor config, List<Descriptor> layers) {
        return new Manifest(MediaTypes.OCI_MANIFEST, null, config, layers, null, Map.of(), Map.of());
    }

    @Override
    public String type() {
        return mediaType == null ? MediaTypes.OCI_MANIFEST : mediaType;
    }

    @Override
    public List<Descriptor> parts() {
        List<Descriptor> parts = new ArrayList<>();
        parts.add(config);
        parts.addAll(layers);
        return parts;
    }

    @Override
    public byte[] toJson() {
        return DocumentWriter.write(this);
    }
}
