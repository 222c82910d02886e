// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// Reads manifests and indexes.
final class DocumentReader {
    static final int MOST_ANNOTATIONS = 4096;
    private static final int DEPTH = 64;
    private static final int TOKENS = 200_000;
    private static final int MOST_URLS = 64;

    private static final JsonFormat MANIFEST =
            new JsonFormat("the manifest", DEPTH, 4096, ImageDocument.LIMIT, TOKENS);
    private static final JsonFormat INDEX = new JsonFormat("the index", DEPTH, 4096, ImageDocument.LIMIT, TOKENS);

    private static final Set<String> MANIFEST_KEYS = Set.of(
            "schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations");
    private static final Set<String> INDEX_KEYS =
            Set.of("schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations");
    private static final Set<String> DESCRIPTOR_KEYS = Set.of(
            "mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform");
    private static final Set<String> PLATFORM_KEYS =
            Set.of("architecture", "os", "os.version", "os.features", "variant");
    /// What only an index has, and what only a manifest has, of whatever version. Their JSON is what gave some readers another
    /// image than others.
    private static final List<String> ONLY_INDEX = List.of("manifests");
    private static final List<String> ONLY_MANIFEST = List.of("config", "layers", "fsLayers", "history", "signatures");

    private DocumentReader() {}

    static ImageDocument read(byte[] bytes, String mediaType) {
        if (MediaTypes.isIndex(mediaType)) {
            JsonPlace root = root(INDEX, bytes, mediaType, INDEX_KEYS, ONLY_MANIFEST);
            return index(root);
        }
        if (MediaTypes.isManifest(mediaType)) {
            JsonPlace root = root(MANIFEST, bytes, mediaType, MANIFEST_KEYS, ONLY_INDEX);
            return manifest(root);
        }
        throw new IllegalArgumentException("'" + JsonPlace.shown(mediaType, 80) + "' is neither a manifest nor an index"
                + (mediaType.contains("manifest.v1") ? ": the first version of Docker's format is not supported" : ""));
    }

    private static JsonPlace root(
            JsonFormat format, byte[] bytes, String mediaType, Set<String> keys, List<String> foreign) {
        JsonPlace root = format.parse(bytes, ImageDocument.LIMIT).object();
        for (String key : foreign) {
            if (root.node().has(key)) {
                throw root.error("has '" + key + "', which makes it something else than " + mediaType);
            }
        }
        JsonPlace version = root.get("schemaVersion");
        if (version.whole(0, Integer.MAX_VALUE) != 2) {
            throw version.unknown("not 2, the only version that is supported");
        }
        JsonPlace own = root.find("mediaType");
        if (own != null && !own.text().equals(mediaType)) {
            throw own.unknown("not " + mediaType + ", as it was called where it is named");
        }
        if (own == null && !mediaType.startsWith("application/vnd.oci.")) {
            throw root.error("has no 'mediaType', which Docker's format demands");
        }
        return root;
    }

    private static Index index(JsonPlace root) {
        root.get("manifests");
        return new Index(
                root.findText("mediaType"),
                root.findText("artifactType"),
                descriptors(root, "manifests", Index.MOST_MANIFESTS),
                subject(root),
                root.textMap("annotations", MOST_ANNOTATIONS),
                root.others(INDEX_KEYS));
    }

    private static Manifest manifest(JsonPlace root) {
        root.get("layers");
        return new Manifest(
                root.findText("mediaType"),
                root.findText("artifactType"),
                descriptor(root.get("config")),
                descriptors(root, "layers", Manifest.MOST_LAYERS),
                subject(root),
                root.textMap("annotations", MOST_ANNOTATIONS),
                root.others(MANIFEST_KEYS));
    }

    private static List<Descriptor> descriptors(JsonPlace root, String key, int most) {
        List<Descriptor> descriptors = new ArrayList<>();
        for (JsonPlace place : root.all(key, most)) {
            descriptors.add(descriptor(place));
        }
        return descriptors;
    }

    private static @Nullable Descriptor subject(JsonPlace root) {
        JsonPlace subject = root.find("subject");
        return subject == null ? null : descriptor(subject);
    }

    static Descriptor descriptor(JsonPlace place) {
        place.object();
        JsonPlace platform = place.find("platform");
        String mediaType = place.get("mediaType").text();
        Digest digest = digest(place.get("digest"));
        long size = place.get("size").whole(0, Long.MAX_VALUE);
        try {
            return new Descriptor(
                    mediaType,
                    digest,
                    size,
                    place.texts("urls", MOST_URLS),
                    place.textMap("annotations", MOST_ANNOTATIONS),
                    place.findText("data"),
                    place.findText("artifactType"),
                    platform == null ? null : platform(platform),
                    place.others(DESCRIPTOR_KEYS));
        } catch (IllegalArgumentException e) {
            throw inside(place, e);
        }
    }

    /// Errors of values don't know where they are.
    private static IllegalArgumentException inside(JsonPlace place, IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith(place.what()) ? e : place.error("is wrong: " + message);
    }

    static Digest digest(JsonPlace place) {
        try {
            return Digest.parse(place.text());
        } catch (IllegalArgumentException e) {
            throw inside(place, e);
        }
    }

    private static Platform platform(JsonPlace place) {
        place.object();
        return new Platform(
                place.get("os").text(),
                place.get("architecture").text(),
                place.findText("variant"),
                place.findText("os.version"),
                place.texts("os.features", MOST_URLS),
                place.others(PLATFORM_KEYS));
    }
}
