// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;

/// The `manifest.json` of a Docker archive: which files are the configuration and the layers of which image, and its tags.
final class DockerTable {
    static final int MOST_IMAGES = 1000;
    private static final int MOST_TAGS = 1000;
    private static final JsonFormat FORMAT =
            new JsonFormat("manifest.json", 64, 4096, ImageDocument.LIMIT, 200_000);

    /// @param config the path of the configuration
    /// @param tags the names of the image
    /// @param layers the paths of the layers, the lowest first
    record Image(String config, List<ImageReference> tags, List<String> layers) {}

    private final ArrayNode images = JsonNodeFactory.instance.arrayNode();

    /// @throws IllegalArgumentException if it is no such file
    static List<Image> read(byte[] bytes) {
        List<Image> images = new ArrayList<>();
        for (JsonPlace place : FORMAT.parse(bytes, ImageDocument.LIMIT).elements(MOST_IMAGES)) {
            List<ImageReference> tags = new ArrayList<>();
            for (JsonPlace tag : place.object().all("RepoTags", MOST_TAGS)) {
                try {
                    tags.add(ImageReference.parse(tag.text()));
                } catch (IllegalArgumentException e) {
                    throw tag.unknown("no reference");
                }
            }
            images.add(new Image(
                    place.get("Config").text(), tags, place.texts("Layers", Manifest.MOST_LAYERS)));
        }
        return images;
    }

    void add(ImageDocument document, List<String> names) throws IOException {
        if (!(document instanceof Manifest manifest)) {
            throw new IOException("Docker's archives have images for one platform each; select one of the index");
        }
        ObjectNode image = images.addObject();
        image.put("Config", LayoutSource.path(manifest.config().digest()));
        ArrayNode tags = image.putArray("RepoTags");
        for (String name : names) {
            ImageReference reference = ImageReference.parse(name).withDefaultTag();
            if (reference.digest() != null) {
                throw new IOException("Docker's archives have tags and no digests: '" + name + "'");
            }
            tags.add(reference.familiar());
        }
        ArrayNode layers = image.putArray("Layers");
        for (Descriptor layer : manifest.layers()) {
            layers.add(LayoutSource.path(layer.digest()));
        }
    }

    byte[] toJson() throws IOException {
        return new JsonMapper().writeValueAsBytes(images);
    }
}
