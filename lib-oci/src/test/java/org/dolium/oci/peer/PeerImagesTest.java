// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLHandshakeException;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.layout.DockerArchive;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.pull.ImagePull;
import org.dolium.oci.registry.Credentials;
import org.dolium.oci.registry.PemFiles;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.registry.RegistryException;
import org.dolium.oci.registry.Repository;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.DockerRegistry;
import org.dolium.testing.MustRun;
import org.dolium.testing.PlainUser;
import org.dolium.testing.RealImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that umoci, skopeo and buildah have written, from a registry of the distribution project and from files: their trees are those
/// of umoci.
@Tag("kernel")
@Tag("root")
class PeerImagesTest {
    private static final LayerPolicy POLICY = LayerPolicy.of(Removals.APPLIED, new Owners.Kept()).withDevices();

    /// Those of the image, which stores don't make.
    static final Set<String> DEVICES = Set.of(
            "dev/console", "dev/full", "dev/null", "dev/ptmx", "dev/random", "dev/tty", "dev/urandom", "dev/zero");

    @TempDir
    static Path work;

    private static Path real;
    private static DockerRegistry registry;
    private static RegistryClient client;
    private static Map<String, String> umoci;

    @BeforeAll
    static void start() throws Exception {
        MustRun.root();
        real = RealImages.directory();
        registry = DockerRegistry.closed(work, real.resolve("registry"));
        client = builder().credentials(host -> Optional.of(Credentials.of("me", "s3cret"))).build();
        umoci = RealUnpack.umoci(real.resolve("umoci"), "replaced", work.resolve("umoci"));
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    private static RegistryClient.Builder builder() throws IOException {
        return RegistryClient.builder()
                .withTls(registry.host())
                .trust(registry.host(), PemFiles.trusting(work.resolve("ca.crt")));
    }

    private static Repository repository(String name) {
        return client.repository(ImageReference.parse(registry.host() + "/real/" + name));
    }

    /// That the comparison sees what images are made of.
    @Test
    void the_tree_has_what_is_seldom() {
        assertThat(umoci).hasSizeGreaterThan(5000)
                .containsKeys("srv/not-utf8-\\xff\\xfe", "srv/a\\nb", "usr/bin/python3", "usr/bin/gcc")
                .doesNotContainKeys("usr/share/doc", "usr/share/man", "usr/share/common-licenses/GPL");
        assertThat(umoci.get("srv/capable")).contains("('security.capability', '01000002002000");
        assertThat(umoci.get("srv/noted")).contains("('user.note', '610062ff')");
        assertThat(umoci.get("srv/owned")).startsWith("0o106711\t123456\t654321\t");
        assertThat(umoci.get("srv/fine")).contains("\t1580608922000000000\t"); // umoci writes no parts of seconds
        assertThat(umoci.get("srv/tree/three")).contains("'srv/one'");
        assertThat(umoci.get("usr/bin/su")).startsWith("0o104755\t");
        assertThat(umoci.get("dev/null")).startsWith("0o20666\t").contains("\t259\t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "zstd"})
    void what_a_registry_has_unpacks_to_umocis_tree(String tag) throws Exception {
        Repository repository = repository("umoci");
        Manifest manifest = RealUnpack.manifest(repository, repository.resolve(tag), "amd64");
        assertThat(manifest.layers()).hasSize(4).extracting(Descriptor::mediaType)
                .containsOnly(tag.equals("zstd") ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.OCI_LAYER_GZIP);
        Trees.assertSame(RealUnpack.tree(repository, manifest, POLICY, work.resolve("ours"), real.resolve("umoci")), umoci);
    }

    @Test
    void what_a_docker_archive_has_unpacks_to_umocis_tree() throws Exception {
        try (ImageSource archive = DockerArchive.read(real.resolve("docker.tar"))) {
            assertThat(DockerArchive.names(real.resolve("docker.tar"))).containsExactly("example.com/real/umoci:full");
            Manifest manifest = RealUnpack.manifest(archive, archive.resolve("example.com/real/umoci:full"), "amd64");
            assertThat(manifest.layers()).hasSize(4);
            Trees.assertSame(RealUnpack.tree(archive, manifest, POLICY, work.resolve("ours"), real.resolve("umoci")), umoci);
        }
    }

    /// The same content in other formats: no need to unpack it again.
    @ParameterizedTest
    @CsvSource({"docker, amd64", "oci-index, amd64", "oci-index, arm64", "docker-index, amd64", "docker-index, arm64"})
    void other_formats_have_the_same_layers(String tag, String platform) throws Exception {
        Repository repository = repository("umoci");
        Descriptor root = repository.resolve(tag);
        assertThat(MediaTypes.isIndex(root.mediaType())).isEqualTo(tag.endsWith("-index"));
        if (Contents.document(repository, root) instanceof Index index) {
            assertThat(index.manifests()).hasSize(2);
        }
        Manifest manifest = RealUnpack.manifest(repository, root, platform);
        assertThat(manifest.type().startsWith("application/vnd.docker")).isEqualTo(tag.startsWith("docker"));
        ImageConfig config = Contents.config(repository, manifest);
        config.checkLayers(manifest);
        assertThat(config.platform().architecture()).isEqualTo(platform);
        Manifest same = RealUnpack.manifest(repository, repository.resolve("oci"), "amd64");
        assertThat(manifest.layers()).extracting(Descriptor::digest)
                .isEqualTo(same.layers().stream().map(Descriptor::digest).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"umoci", "zstd", "oci.tar"})
    void files_have_what_the_registry_has(String place) throws Exception {
        Repository repository = repository("umoci");
        Manifest same = RealUnpack.manifest(repository, repository.resolve(place.equals("zstd") ? "zstd" : "oci"), "amd64");
        try (ImageSource source = OciLayout.read(real.resolve(place))) {
            Manifest manifest = RealUnpack.manifest(source, source.resolve("full"), "amd64");
            assertThat(manifest.parts()).extracting(Descriptor::digest)
                    .isEqualTo(same.parts().stream().map(Descriptor::digest).toList());
            for (Descriptor part : manifest.parts()) {
                try (var content = source.open(part)) {
                    content.transferTo(java.io.OutputStream.nullOutputStream());
                    assertThat(content.isVerified()).isTrue();
                }
            }
        }
    }

    @Test
    void what_buildah_writes_unpacks_to_umocis_tree() throws Exception {
        Map<String, String> theirs = RealUnpack.umoci(real.resolve("buildah"), "full", work.resolve("theirs"));
        assertThat(theirs).containsKeys("usr/local/bin/entry", "srv/moved/three", "home/somebody").doesNotContainKeys("srv/tree", "etc/motd");
        Repository repository = repository("buildah");
        Manifest manifest = RealUnpack.manifest(repository, repository.resolve("oci"), "amd64");
        assertThat(manifest.layers()).hasSize(5);
        Trees.assertSame(RealUnpack.tree(repository, manifest, POLICY, work.resolve("ours"), null), theirs);
    }

    @Test
    void what_buildah_says_about_running_is_read() throws Exception {
        Repository repository = repository("buildah");
        ImageConfig docker = Contents.config(repository, RealUnpack.manifest(repository, repository.resolve("docker"), "amd64"));
        ImageConfig oci = Contents.config(repository, RealUnpack.manifest(repository, repository.resolve("oci"), "amd64"));
        for (ImageConfig config : List.of(docker, oci)) {
            assertThat(config.command()).containsExactly("/usr/local/bin/entry", "-c", "print('from buildah')");
            assertThat(config.toString()).contains("GREETING=hello world", "somebody", "/home/somebody", "8080/tcp", "/data", "SIGINT", "LANG=C.UTF-8");
        }
        assertThat(docker.toString()).contains("python3 -c pass");
    }

    @Test
    void a_password_and_an_authority_are_needed() throws Exception {
        String name = registry.host() + "/real/umoci";
        try (RegistryClient nobody = builder().build()) {
            assertThatThrownBy(() -> nobody.repository(ImageReference.parse(name)).resolve("oci"))
                    .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(401));
        }
        try (RegistryClient stranger = RegistryClient.builder().withTls(registry.host()).build()) {
            assertThatThrownBy(() -> stranger.repository(ImageReference.parse(name)).resolve("oci"))
                    .isInstanceOf(SSLHandshakeException.class);
        }
        Path other = Files.createDirectory(work.resolve("open"));
        try (DockerRegistry open = DockerRegistry.open(other, real.resolve("registry")); RegistryClient nobody = RegistryClient.builder().build()) {
            Repository repository = nobody.repository(ImageReference.parse(open.host() + "/real/umoci"));
            assertThat(repository.resolve("oci")).isEqualTo(repository("umoci").resolve("oci"));
            assertThat(repository.tags()).containsExactlyInAnyOrder("oci", "zstd", "docker", "oci-index", "docker-index");
        }
    }

    /// Four layers are pulled, and the fifth is imported.
    @Test
    void layers_in_a_store_over_each_other_are_umocis_tree() throws Exception {
        Path directory = work.resolve("store");
        ImageReference name = ImageReference.parse("example.com/pulled");
        try (ImageStore store = ImageStore.open(directory);
                ImagePull pull = ImagePull.from(repository("umoci"), store).as(name).build()) {
            assertThat(pull.run("oci-index").manifest().layers()).hasSize(4);
            assertThat(store.find(name)).isPresent();
            Descriptor root = store.importLayout(real.resolve("umoci"), "replaced", List.of(ImageReference.parse("real")));
            try (LayerLease lease = store.unpack(RealUnpack.manifest(store, root, "amd64"), LayerLimits.standard())) {
                assertThat(lease.directories()).hasSize(5);
                Map<String, String> merged = Trees.merged(lease.directories(), Files.createDirectory(work.resolve("mount")));
                Map<String, String> theirs = new TreeMap<>(umoci);
                theirs.keySet().removeAll(DEVICES);
                Trees.assertSame(merged, theirs);
            }
        } finally {
            LayerUnpack.remove(directory);
        }
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return PlainUser.run(PeerImagesUserCases.class);
    }
}
