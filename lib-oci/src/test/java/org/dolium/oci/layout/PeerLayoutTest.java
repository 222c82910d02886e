// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Dolium writes is read by skopeo and umoci, and what they write by Dolium.
class PeerLayoutTest {
    private static final byte[] TAR = new TarText().directory("etc/").file("etc/hello", "hello").bytes();

    @TempDir
    Path directory;

    private final TestImage images = new TestImage();
    private Descriptor root;
    private Manifest manifest;

    @BeforeEach
    void make() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(TAR);
        }
        Descriptor config = images.add(
                MediaTypes.OCI_CONFIG, ImageConfig.of(Platform.parse("amd64"), List.of(Digest.of(TAR))).toJson());
        manifest = Manifest.of(config, List.of(images.add(MediaTypes.OCI_LAYER_GZIP, compressed.toByteArray())));
        root = images.add(MediaTypes.OCI_MANIFEST, manifest.toJson());
    }

    private Path written(ImageSink sink, Path path, String name) throws IOException {
        try (sink) {
            ImageCopy.copy(images, root, sink, List.of(name));
            sink.finish();
        }
        return path;
    }

    private String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private void copy(String from, String to) throws Exception {
        run("skopeo", "copy", "--insecure-policy", from, to);
    }

    private Manifest read(ImageSource source, String name) throws IOException {
        try (source) {
            return (Manifest) Contents.document(source, source.resolve(name));
        }
    }

    @Test
    void a_layout_is_read_by_skopeo_and_its_copy_by_us() throws Exception {
        Path layout = directory.resolve("layout");
        written(OciLayout.write(layout), layout, "a");
        copy("oci:" + layout + ":a", "oci:" + directory.resolve("copy") + ":b");
        assertThat(read(OciLayout.read(directory.resolve("copy")), "b").parts()).isEqualTo(manifest.parts());
        copy("oci:" + layout + ":a", "oci-archive:" + directory.resolve("copy.tar") + ":c");
        assertThat(read(OciLayout.read(directory.resolve("copy.tar")), "c").parts()).isEqualTo(manifest.parts());
    }

    @Test
    void an_archive_of_a_layout_is_read_by_skopeo() throws Exception {
        Path archive = directory.resolve("image.tar");
        written(OciLayout.writeArchive(archive), archive, "a");
        copy("oci-archive:" + archive + ":a", "oci:" + directory.resolve("copy") + ":b");
        assertThat(read(OciLayout.read(directory.resolve("copy")), "b").parts()).isEqualTo(manifest.parts());
    }

    @Test
    void a_docker_archive_is_read_by_skopeo_and_its_own_by_us() throws Exception {
        Path archive = directory.resolve("docker.tar");
        written(DockerArchive.write(archive), archive, "x.y/z:1");
        copy("docker-archive:" + archive + ":x.y/z:1", "oci:" + directory.resolve("copy") + ":b");
        Manifest copied = read(OciLayout.read(directory.resolve("copy")), "b");
        try (ImageSource source = OciLayout.read(directory.resolve("copy"))) { // skopeo writes the configuration anew
            assertThat(Contents.config(source, copied).diffIds()).containsExactly(Digest.of(TAR));
        }
        Path own = directory.resolve("own.tar");
        copy("docker-archive:" + archive + ":x.y/z:1", "docker-archive:" + own + ":x.y/z:2");
        assertThat(DockerArchive.names(own)).containsExactly("x.y/z:2");
        Manifest read = read(DockerArchive.read(own), "x.y/z:2");
        assertThat(read.config().digest()).isEqualTo(manifest.config().digest());
        assertThat(read.layers()).containsExactly(Descriptor.of(MediaTypes.OCI_LAYER, TAR));
        try (ImageSource source = DockerArchive.read(own)) {
            assertThat(Contents.bytes(source, read.layers().get(0), 1 << 20)).isEqualTo(TAR);
        }
    }

    @Test
    void a_layout_is_unpacked_by_umoci_and_its_changes_are_read() throws Exception {
        Path layout = directory.resolve("layout");
        written(OciLayout.write(layout), layout, "a");
        assertThat(run("umoci", "ls", "--layout", layout.toString())).isEqualTo("a\n");
        Path bundle = directory.resolve("bundle");
        run("umoci", "unpack", "--rootless", "--image", layout + ":a", bundle.toString());
        assertThat(bundle.resolve("rootfs/etc/hello")).hasContent("hello");
        Files.writeString(bundle.resolve("rootfs/etc/new"), "new");
        run("umoci", "repack", "--image", layout + ":b", bundle.toString());
        Manifest changed = read(OciLayout.read(layout), "b");
        assertThat(changed.layers()).hasSize(2).startsWith(manifest.layers().get(0));
        try (ImageSource source = OciLayout.read(layout)) {
            assertThat(Contents.config(source, changed).diffIds()).hasSize(2).startsWith(Digest.of(TAR));
            assertThat(Contents.config(source, changed).history()).isNotEmpty();
            for (Descriptor part : changed.parts()) {
                Contents.bytes(source, part, 1 << 20);
            }
        }
    }
}
