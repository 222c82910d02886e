// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.image.Schemas;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.registry.Repository;
import org.dolium.testing.DockerRegistry;
import org.dolium.testing.MustRun;
import org.dolium.testing.RealImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What we push is read by skopeo and umoci.
@Tag("root")
class PeerPushTest {
    @TempDir
    static Path work;

    private static Path real;
    private static DockerRegistry registry;

    @BeforeAll
    static void start() throws Exception {
        MustRun.root();
        real = RealImages.directory();
        registry = DockerRegistry.empty(work);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    private static Repository repository(RegistryClient client, String name) {
        return client.repository(ImageReference.parse(registry.host() + "/" + name));
    }

    private static Path read(String image) throws Exception {
        Path copy = Files.createTempDirectory(work, "copy");
        Programs.run("skopeo", "copy", "--all", "--insecure-policy", "--src-tls-verify=false", "--preserve-digests",
                "docker://" + registry.host() + "/" + image, "oci:" + copy + ":copy");
        return copy;
    }

    @ParameterizedTest
    @CsvSource({"umoci, python, 0", "zstd, full, 7000000"})
    void an_image_is_read_by_skopeo_and_umoci(String layout, String tag, int chunk) throws Exception {
        try (ImageSource source = OciLayout.read(real.resolve(layout));
                RegistryClient client = RegistryClient.builder().uploadChunks(chunk).build()) {
            Descriptor root = source.resolve(tag);
            ImageCopy.copy(source, root, repository(client, layout), List.of("one"));
            Path copy = read(layout + ":one");
            Manifest manifest = (Manifest) Contents.document(source, root);
            for (Descriptor part : manifest.parts()) {
                assertThat(copy.resolve("blobs/sha256/" + part.digest().hex())).hasSize(part.size());
            }
            assertThat(OciLayout.images(copy)).extracting(Descriptor::digest).containsExactly(root.digest());
            String stat = Programs.run("umoci", "stat", "--json", "--image", copy + ":copy");
            assertThat(stat).contains(manifest.layers().getLast().digest().toString(), "build-tree python");
        }
    }

    @Test
    void an_index_is_read_by_skopeo_and_all_that_is_written_is_valid() throws Exception {
        try (ImageSource source = OciLayout.read(real.resolve("umoci")); RegistryClient client = RegistryClient.builder().build()) {
            Repository target = repository(client, "umoci");
            Manifest manifest = (Manifest) Contents.document(source, source.resolve("python"));
            ImageConfig config = Contents.config(source, manifest);
            List<Descriptor> images = new java.util.ArrayList<>();
            for (String platform : List.of("linux/amd64", "linux/arm64/v8")) {
                byte[] own = ImageConfig.of(Platform.parse(platform), config.diffIds()).toJson();
                Descriptor written = Descriptor.of(MediaTypes.OCI_CONFIG, own);
                Manifest image = Manifest.of(written, manifest.layers());
                assertThat(Schemas.validate(work, "config-schema.json", own)).isZero();
                assertThat(Schemas.validate(work, "image-manifest-schema.json", image.toJson())).isZero();
                target.put(Contents.stream(written, own));
                for (Descriptor layer : image.layers()) {
                    if (!target.has(layer)) {
                        target.put(source.open(layer));
                    }
                }
                Descriptor document = Descriptor.of(MediaTypes.OCI_MANIFEST, image.toJson());
                target.put(Contents.stream(document, image.toJson()));
                images.add(document.withPlatform(Platform.parse(platform)).withAnnotations(Map.of("a.b", "c")));
            }
            byte[] index = Index.of(images).toJson();
            assertThat(Schemas.validate(work, "image-index-schema.json", index)).isZero();
            Descriptor root = Descriptor.of(MediaTypes.OCI_INDEX, index);
            target.put(Contents.stream(root, index));
            target.publish(root, List.of("both"));
            Path copy = read("umoci:both");
            assertThat(OciLayout.images(copy)).extracting(Descriptor::digest).containsExactly(root.digest());
            assertThat(Programs.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + registry.host() + "/umoci:both"))
                    .isEqualTo(new String(index));
            for (Descriptor image : images) {
                byte[] there = Files.readAllBytes(copy.resolve("blobs/sha256/" + image.digest().hex()));
                assertThat(ImageDocument.parse(there, MediaTypes.OCI_MANIFEST)).isInstanceOf(Manifest.class);
            }
        }
    }
}
