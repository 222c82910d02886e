// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.store.ImageStore;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;

/// Makes images of busybox for the command line.
public final class ImageFiles {
    private ImageFiles() {}

    public static String architecture() {
        return System.getProperty("os.arch").equals("amd64") ? "amd64" : "arm64";
    }

    /// A layout with one image in a directory.
    ///
    /// @param run the members of `config` as JSON, with apostrophes for quotation marks
    public static Path layout(Path directory, String architecture, String run) throws Exception {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("tiny")));
        Process tar = new ProcessBuilder(
                MustRun.program("tar"), "--numeric-owner", "--owner=0", "--group=0", "-C", root.toString(), "-c", ".").start();
        byte[] archive = tar.getInputStream().readAllBytes();
        assertThat(tar.waitFor()).isZero();
        Path layout = directory.resolve("layout");
        try (ImageSink sink = OciLayout.write(layout)) {
            Descriptor layer = put(sink, MediaTypes.OCI_LAYER, archive);
            String json = "{'created':'2020-01-02T03:04:05Z','os':'linux','architecture':'" + architecture + "','config':{" + run
                    + "},'rootfs':{'type':'layers','diff_ids':['" + Digest.of(archive) + "']}}";
            Descriptor config = put(sink, MediaTypes.OCI_CONFIG, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            Descriptor manifest = put(sink, MediaTypes.OCI_MANIFEST, Manifest.of(config, List.of(layer)).toJson());
            sink.publish(manifest, List.of("tiny"));
            sink.finish();
        }
        return layout;
    }

    private static Descriptor put(ImageSink sink, String type, byte[] bytes) throws Exception {
        Descriptor descriptor = Descriptor.of(type, bytes);
        sink.put(new VerifiedStream(new ByteArrayInputStream(bytes), descriptor, "memory"));
        return descriptor;
    }

    /// A store with the image under these names.
    public static Path store(Path directory, Path layout, String... names) throws Exception {
        Path store = directory.resolve("store");
        try (ImageStore images = ImageStore.open(store)) {
            images.importLayout(layout, "tiny",
                    List.of(names).stream().map(name -> ImageReference.parse(name).withDefaultTag()).toList());
        }
        return store;
    }
}
