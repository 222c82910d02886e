// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.Images;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.store.StoreSink;

/// An image in a store: the workspace's root file system, and four layers with a file each.
final class FiveLayers {
    static final String NAME = "localhost/five:1";
    private static final int MORE = 4;

    private final List<Descriptor> layers = new ArrayList<>();
    private final List<String> diffIds = new ArrayList<>();

    private FiveLayers() {}

    static void keep(Workspace workspace, Images images) throws IOException, InterruptedException {
        FiveLayers image = new FiveLayers();
        try (StoreSink sink = images.store().sink()) {
            image.layer(sink, workspace.rootfs());
            for (int i = 0; i < MORE; i++) {
                Path directory = Files.createDirectories(workspace.directory().resolve("layer" + i));
                Files.writeString(directory.resolve("file" + i), "");
                image.layer(sink, directory);
            }
            String json = "{\"os\":\"linux\",\"architecture\":\"" + images.platform().architecture()
                    + "\",\"config\":{\"Cmd\":[\"/bin/true\"],\"Env\":[\"A=1\",\"B=2\"],\"WorkingDir\":\"/tmp\"},"
                    + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + String.join("\",\"", image.diffIds) + "\"]}}";
            Descriptor config = put(sink, MediaTypes.OCI_CONFIG, json.getBytes(StandardCharsets.UTF_8));
            byte[] manifest = Manifest.of(config, image.layers).toJson();
            sink.publish(put(sink, MediaTypes.OCI_MANIFEST, manifest), List.of(ImageReference.parse(NAME).toString()));
        }
    }

    private void layer(StoreSink sink, Path directory) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", "--numeric-owner", "-C", directory.toString(), "-c", ".")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] archive = tar.getInputStream().readAllBytes();
        if (tar.waitFor() != 0) {
            throw new IOException("tar ended with " + tar.exitValue());
        }
        layers.add(put(sink, MediaTypes.OCI_LAYER, archive));
        diffIds.add(Digest.of(archive).toString());
    }

    private static Descriptor put(StoreSink sink, String type, byte[] bytes) throws IOException {
        Descriptor descriptor = Descriptor.of(type, bytes);
        sink.put(new VerifiedStream(new ByteArrayInputStream(bytes), descriptor, "memory"));
        return descriptor;
    }
}
