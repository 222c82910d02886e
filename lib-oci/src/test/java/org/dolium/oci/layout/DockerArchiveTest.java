// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerArchiveTest {
    private static final byte[] LAYER = "not really a tar, but nobody unpacks it".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private static byte[] config(byte[]... layers) {
        return ImageConfig.of(Platform.parse("amd64"), java.util.Arrays.stream(layers).map(Digest::of).toList()).toJson();
    }

    private Path file(TarText tar) throws IOException {
        return Files.write(directory.resolve("docker.tar"), tar.bytes());
    }

    private static String table(byte[] config, String tags, String... layers) {
        return "{\"Config\":\"" + Digest.of(config).hex() + ".json\",\"RepoTags\":" + tags + ",\"Layers\":[\""
                + String.join("\",\"", layers) + "\"],\"Parent\":\"x\"}";
    }

    /// As Docker 1.10 to 24 write it: a directory for each layer, `repositories`, and a link where a layer is there twice.
    @Test
    void the_old_form_is_read() throws IOException {
        byte[] config = config(LAYER, LAYER);
        Path file = file(new TarText()
                .directory("aaa/")
                .file("aaa/VERSION", "1.0")
                .file("aaa/json", "{}")
                .file("aaa/layer.tar", LAYER)
                .directory("bbb/")
                .link("bbb/layer.tar", "../aaa/layer.tar")
                .file(Digest.of(config).hex() + ".json", config)
                .file("manifest.json", "[" + table(config, "[\"busybox:1\",\"x.y/z:2\"]", "aaa/layer.tar", "bbb/layer.tar") + "]")
                .file("repositories", "{\"busybox\":{\"1\":\"bbb\"}}"));
        assertThat(DockerArchive.names(file)).containsExactly("busybox:1", "x.y/z:2");
        try (ImageSource source = DockerArchive.read(file)) {
            Descriptor root = source.resolve("docker.io/library/busybox:1");
            assertThat(source.resolve("x.y/z:2")).isEqualTo(root).isEqualTo(source.resolve(""));
            Manifest manifest = (Manifest) Contents.document(source, root);
            assertThat(manifest.layers()).containsExactly(
                    Descriptor.of(MediaTypes.OCI_LAYER, LAYER), Descriptor.of(MediaTypes.OCI_LAYER, LAYER));
            assertThat(Contents.config(source, manifest).diffIds()).hasSize(2);
            assertThat(Contents.bytes(source, manifest.layers().get(1), 1000)).isEqualTo(LAYER);
            assertThatThrownBy(() -> source.resolve("busybox:2")).hasMessageContaining("names are docker.io/library/busybox:1");
        }
    }

    @Test
    void compressed_layers_have_their_own_digest() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(LAYER);
        }
        byte[] config = config(LAYER);
        Path file = file(new TarText()
                .file("l", compressed.toByteArray())
                .file(Digest.of(config).hex() + ".json", config)
                .file("manifest.json", "[" + table(config, "null", "l") + "]"));
        try (ImageSource source = DockerArchive.read(file)) {
            Manifest manifest = (Manifest) Contents.document(source, source.resolve(""));
            assertThat(manifest.layers())
                    .containsExactly(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, compressed.toByteArray()));
        }
    }

    @Test
    void what_was_written_is_read_in_both_ways_byte_for_byte() throws IOException {
        TestImage images = new TestImage();
        Descriptor one = images.image("amd64", 10, 100_000);
        Descriptor two = images.image("arm64", 1, 2, 3);
        Path file = directory.resolve("docker.tar");
        try (ImageSink sink = DockerArchive.write(file)) {
            ImageCopy.copy(images, one, sink, List.of("one", "example.com/x:2"));
            ImageCopy.copy(images, two, sink, List.of("two:3"));
            assertThatThrownBy(() -> ImageCopy.copy(images, images.index(one, two), sink, List.of("both:1")))
                    .hasMessageContaining("one platform each");
            assertThat(file).doesNotExist();
            sink.finish();
        }
        assertThat(DockerArchive.names(file)).containsExactly("one:latest", "example.com/x:2", "two:3");
        try (ImageSource docker = DockerArchive.read(file); ImageSource layout = OciLayout.read(file)) {
            assertThat(layout.resolve("docker.io/library/two:3")).isEqualTo(two);
            Manifest read = (Manifest) Contents.document(docker, docker.resolve("one"));
            Manifest written = (Manifest) Contents.document(layout, one);
            assertThat(read.parts()).isEqualTo(written.parts());
            for (Descriptor part : read.parts()) {
                assertThat(Contents.bytes(docker, part, 1 << 20)).isEqualTo(images.content.get(part.digest()));
            }
        }
    }

    @Test
    void R_04_a_layer_is_what_the_configuration_says() throws IOException {
        byte[] config = config("something else".getBytes(StandardCharsets.UTF_8));
        Path file = file(new TarText()
                .file("l", LAYER)
                .file(Digest.of(config).hex() + ".json", config)
                .file("manifest.json", "[" + table(config, "null", "l") + "]"));
        try (ImageSource source = DockerArchive.read(file)) {
            Manifest manifest = (Manifest) Contents.document(source, source.resolve(""));
            assertThatThrownBy(() -> Contents.bytes(source, manifest.layers().get(0), 1000)).isInstanceOf(WrongContentException.class);
        }
    }

    @Test
    void an_archive_that_contradicts_itself_is_refused() throws IOException {
        byte[] config = config(LAYER);
        String hex = Digest.of(config).hex();
        refused(new TarText().file("x", "y"), "is no archive of Docker 1.10 or later");
        refused(new TarText().file("manifest.json", "{}"), "$ is no array");
        refused(new TarText().file("manifest.json", "[{}]"), "$[0] has no 'Config'");
        refused(new TarText().file("manifest.json", "[" + table(config, "null", "l") + "]"), "has no '" + hex + ".json'");
        TarText good = new TarText().file(hex + ".json", config);
        refused(good.copy().file("manifest.json", "[" + table(config, "null", "l") + "]"), "has no 'l'");
        refused(good.copy().file("l", LAYER).file("manifest.json", "[" + table(config, "null", "l", "l") + "]"), "with 2 layers");
        refused(good.copy().file("l", LAYER).file("manifest.json", "[" + table(config, "[\"UP:1\"]", "l") + "]"), "is no reference");
        refused(good.copy().file("l", LAYER)
                        .file("manifest.json", "[" + table(config, "[\"a\",\"a:latest\"]", "l") + "]"), "two images with the name");
        refused(new TarText().file(hex + ".json", "{}").file("manifest.json", "[" + table(config, "null", "l") + "]"),
                "has the digest sha256:");
    }

    private void refused(TarText tar, String problem) throws IOException {
        Path file = file(tar);
        assertThatThrownBy(() -> DockerArchive.read(file)).isInstanceOf(IOException.class).hasMessageContaining(problem);
    }

    /// Links lead to other files of the archive or nowhere.
    @Test
    void R_18_no_link_of_an_archive_leads_out_of_it() throws IOException {
        byte[] config = config(LAYER);
        for (String target : List.of("/etc/passwd", "../../etc/passwd", "../etc/passwd", "a/layer.tar", "layer.tar", "../b/layer.tar", "")) {
            refused(new TarText()
                            .file(Digest.of(config).hex() + ".json", config)
                            .link("a/layer.tar", target)
                            .link("b/layer.tar", "../a/layer.tar")
                            .file("manifest.json", "[" + table(config, "null", "a/layer.tar") + "]"),
                    "'a/layer.tar' in ");
        }
    }

    @Test
    void R_18_links_in_an_archive_of_a_layout_are_refused() throws IOException {
        Path file = file(new TarText()
                .file("x", "{\"imageLayoutVersion\":\"1.0.0\"}")
                .link("oci-layout", "x"));
        assertThatThrownBy(() -> OciLayout.read(file)).hasMessageContaining("'oci-layout' in").hasMessageContaining("is no regular file");
    }
}
