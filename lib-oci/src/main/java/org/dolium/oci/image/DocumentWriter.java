// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes manifests and indexes.
final class DocumentWriter {
    private DocumentWriter() {}

    static byte[] write(Manifest manifest) {
        return head(manifest.mediaType(), manifest.artifactType())
                .object("config", descriptor(manifest.config()))
                .objects("layers", descriptors(manifest.layers()))
                .object("subject", descriptor(manifest.subject()))
                .map("annotations", manifest.annotations())
                .more(manifest.more())
                .bytes();
    }

    static byte[] write(Index index) {
        return head(index.mediaType(), index.artifactType())
                .objects("manifests", descriptors(index.manifests()))
                .object("subject", descriptor(index.subject()))
                .map("annotations", index.annotations())
                .more(index.more())
                .bytes();
    }

    private static JsonObject head(@Nullable String mediaType, @Nullable String artifactType) {
        return new JsonObject().number("schemaVersion", 2).text("mediaType", mediaType).text("artifactType", artifactType);
    }

    private static List<JsonObject> descriptors(List<Descriptor> descriptors) {
        List<JsonObject> objects = new ArrayList<>();
        for (Descriptor descriptor : descriptors) {
            objects.add(object(descriptor));
        }
        return objects;
    }

    private static @Nullable JsonObject descriptor(@Nullable Descriptor descriptor) {
        return descriptor == null ? null : object(descriptor);
    }

    private static JsonObject object(Descriptor descriptor) {
        return new JsonObject()
                .text("mediaType", descriptor.mediaType())
                .text("digest", descriptor.digest().toString())
                .number("size", descriptor.size())
                .texts("urls", descriptor.urls())
                .map("annotations", descriptor.annotations())
                .text("data", descriptor.data())
                .object("platform", platform(descriptor.platform()))
                .text("artifactType", descriptor.artifactType())
                .more(descriptor.more());
    }

    private static @Nullable JsonObject platform(@Nullable Platform platform) {
        return platform == null
                ? null
                : new JsonObject()
                        .text("architecture", platform.architecture())
                        .text("os", platform.os())
                        .text("os.version", platform.osVersion())
                        .texts("os.features", platform.osFeatures())
                        .text("variant", platform.variant())
                        .more(platform.more());
    }
}
