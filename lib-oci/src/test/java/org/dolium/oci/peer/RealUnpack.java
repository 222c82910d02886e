// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerUnpack;

/// Unpacks images of four layers, and over them the fifth that only umoci's layout has.
final class RealUnpack {
    private static final String LAST_TAG = "replaced";

    private RealUnpack() {}

    /// The image for a platform, if there are several.
    static Manifest manifest(ImageSource source, Descriptor root, String platform) throws IOException {
        return Contents.document(source, root) instanceof Index index
                ? (Manifest) Contents.document(source, index.select(Platform.parse(platform)))
                : (Manifest) Contents.document(source, root);
    }

    /// The layers of an image, and perhaps the fifth, as a tree.
    static Map<String, String> tree(ImageSource source, Manifest manifest, LayerPolicy policy, Path directory, Path withLastOf)
            throws IOException, InterruptedException {
        Files.createDirectory(directory);
        try {
            apply(source, manifest, policy, directory, 0);
            if (withLastOf != null) {
                try (ImageSource layout = OciLayout.read(withLastOf)) {
                    apply(layout, manifest(layout, layout.resolve(LAST_TAG), "amd64"), policy, directory, 4);
                }
            }
            return Trees.of(directory);
        } finally {
            LayerUnpack.remove(directory);
        }
    }

    private static void apply(ImageSource source, Manifest manifest, LayerPolicy policy, Path directory, int first)
            throws IOException {
        ImageConfig config = Contents.config(source, manifest);
        config.checkLayers(manifest);
        List<Digest> diffIds = config.diffIds();
        for (int i = first; i < diffIds.size(); i++) {
            LayerUnpack.apply(
                    source.open(manifest.layers().get(i)), diffIds.get(i), LayerLimits.standard(), directory, policy);
        }
    }

    /// The tree that umoci makes of an image of a layout.
    static Map<String, String> umoci(Path layout, String tag, Path directory, String... options) throws Exception {
        java.util.ArrayList<Object> arguments = new java.util.ArrayList<>(List.of("raw", "unpack"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--image", layout + ":" + tag, directory));
        try {
            Programs.run("umoci", arguments.toArray());
            return Trees.of(directory);
        } finally {
            LayerUnpack.remove(directory);
        }
    }
}
