// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;

/// An image of busybox in some layers, which runs.
final class TinyImage {
    final TestImage content = new TestImage();
    private final List<Descriptor> layers = new ArrayList<>();
    private final List<Digest> diffIds = new ArrayList<>();

    /// The lowest layer is a root file system; directories with what the others have follow.
    TinyImage(Path scratch, Path... more) throws Exception {
        layer(TinyRoot.make(Files.createDirectories(scratch.resolve("tiny"))));
        for (Path directory : more) {
            layer(directory);
        }
    }

    private void layer(Path directory) throws Exception {
        Process tar = new ProcessBuilder(MustRun.program("tar"), "--numeric-owner", "--owner=0", "--group=0", "-C", directory.toString(),
                "-c", ".").start();
        byte[] archive = tar.getInputStream().readAllBytes();
        assertThat(tar.waitFor()).isZero();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(archive);
        }
        layers.add(content.add(MediaTypes.OCI_LAYER_GZIP, out.toByteArray()));
        diffIds.add(Digest.of(archive));
    }

    /// The image for a platform.
    ///
    /// @param run the members of `config` as JSON, with apostrophes for quotation marks
    Descriptor manifest(Platform platform, String run) throws IOException {
        String json = "{'created':'2020-01-02T03:04:05Z','os':'" + platform.os() + "','architecture':'" + platform.architecture()
                + "','config':{" + run + "},'rootfs':{'type':'layers','diff_ids':['"
                + String.join("','", diffIds.stream().map(Digest::toString).toList()) + "']}}";
        Descriptor config = content.add(MediaTypes.OCI_CONFIG, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return content.add(MediaTypes.OCI_MANIFEST, Manifest.of(config, layers).toJson()).withPlatform(platform);
    }
}
