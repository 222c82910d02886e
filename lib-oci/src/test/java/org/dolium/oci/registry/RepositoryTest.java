// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.layout.OciLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryTest {
    @TempDir
    Path directory;

    private LyingRegistry registry;
    private final TestImage images = new TestImage();
    private Descriptor root;

    @BeforeEach
    void start() throws IOException {
        registry = new LyingRegistry();
        root = images.index(images.image("amd64", 10, 300_000), images.image("arm64", 0, 5));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private static RegistryClient.Builder builder() {
        return RegistryClient.builder().tries(3, Duration.ofMillis(10)).timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    @Test
    void an_image_is_pulled_byte_for_byte() throws IOException {
        registry.addAll(images, root, "latest");
        try (RegistryClient client = builder().build();
                Repository repository = client.repository(registry.reference("library/x"));
                ImageSink sink = OciLayout.write(directory.resolve("layout"))) {
            assertThat(repository.resolve("latest")).isEqualTo(root);
            assertThat(repository.resolve(root.digest().toString())).isEqualTo(root);
            ImageCopy.copy(repository, repository.resolve("latest"), sink, List.of("latest"));
        }
        try (ImageSource layout = OciLayout.read(directory.resolve("layout"))) {
            for (Digest digest : images.content.keySet()) {
                byte[] bytes = images.content.get(digest);
                assertThat(Contents.bytes(layout, Descriptor.of("a/b", bytes), 1 << 20)).isEqualTo(bytes);
            }
        }
    }

    /// What is there already is known by its digest: only the manifest is asked for.
    @Test
    void a_second_pull_makes_one_request() throws IOException {
        registry.addAll(images, root, "latest");
        for (int i = 0; i < 2; i++) {
            registry.seen.clear();
            try (RegistryClient client = builder().build();
                    Repository repository = client.repository(registry.reference("x"));
                    ImageSink sink = OciLayout.write(directory.resolve("layout"))) {
                Descriptor found = repository.resolve("latest");
                if (!sink.has(found)) {
                    ImageCopy.copy(repository, found, sink, List.of("latest"));
                }
            }
        }
        assertThat(registry.targets()).containsExactly("GET /v2/x/manifests/latest");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 100_000, 300_000, 1_000_000})
    void an_image_is_pushed_in_one_part_or_several(int chunk) throws IOException {
        try (RegistryClient client = builder().uploadChunks(chunk).build();
                Repository repository = client.repository(registry.reference("a/b"))) {
            ImageCopy.copy(images, root, repository, List.of("one", "two"));
            assertThat(repository.tags()).containsExactly("one", "two");
            assertThat(repository.has(root)).isTrue();
        }
        assertThat(registry.manifests.get("one")).isEqualTo(images.content.get(root.digest()));
        images.content.forEach((digest, bytes) -> {
            byte[] there = registry.blobs.getOrDefault(digest.toString(), registry.manifests.get(digest.toString()));
            assertThat(there).isEqualTo(bytes);
        });
        assertThat(registry.targets()).anyMatch(target -> target.startsWith(chunk == 1000 ? "PATCH" : "PUT"));
    }

    @Test
    void what_is_there_is_not_pushed_again_and_what_is_next_door_is_mounted() throws IOException {
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, new byte[] {1, 2, 3});
        registry.blobs.put(layer.digest().toString(), new byte[] {1, 2, 3});
        Descriptor other = Descriptor.of(MediaTypes.OCI_LAYER, new byte[] {4});
        registry.lie = exchange -> {
            boolean ask = exchange.getRequestMethod().equals("HEAD") && exchange.getRequestURI().getPath().startsWith("/v2/mine");
            if (ask) {
                LyingRegistry.send(exchange, 404, new byte[0]);
            }
            return ask;
        };
        try (RegistryClient client = builder().build(); Repository repository = client.repository(registry.reference("mine"))) {
            repository.mountFrom("library/base");
            assertThat(repository.has(layer)).isTrue();
            assertThat(repository.mountedFrom(layer.digest())).contains("library/base");
            assertThat(repository.has(other)).isFalse();
            assertThat(repository.mountedFrom(other.digest())).isEmpty();
            repository.put(Contents.stream(other, new byte[] {4}));
        }
        assertThat(registry.targets()).contains("POST /v2/mine/blobs/uploads/?mount=" + layer.digest() + "&from=library/base");
        assertThat(registry.targets()).filteredOn(target -> target.startsWith("POST")).hasSize(2);
        assertThat(registry.blobs).containsKey(other.digest().toString());
    }

    @Test
    void what_may_not_be_read_next_door_is_sent() throws IOException {
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, new byte[] {4});
        registry.lie = exchange -> {
            boolean mount = exchange.getRequestURI().toString().contains("mount=");
            if (mount) {
                LyingRegistry.send(exchange, 401, new byte[0]);
            }
            return mount;
        };
        try (RegistryClient client = builder().build(); Repository repository = client.repository(registry.reference("mine"))) {
            repository.mountFrom("secret");
            assertThat(repository.has(layer)).isFalse();
            repository.put(Contents.stream(layer, new byte[] {4}));
        }
        assertThat(registry.targets()).anyMatch(target -> target.contains("from=secret"));
        assertThat(registry.blobs).containsKey(layer.digest().toString());
    }

    @Test
    void tags_come_in_pages() throws IOException {
        for (String tag : List.of("a", "b", "c", "d", "e")) {
            registry.add(tag, root, images.content.get(root.digest()));
        }
        try (RegistryClient client = builder().build()) {
            assertThat(client.repository(registry.reference("x")).tags()).containsExactly("a", "b", "c", "d", "e");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void referrers_are_asked_for_or_found_by_their_tag(boolean known) throws IOException {
        byte[] list = Index.of(List.of(Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[1]))).toJson();
        Descriptor descriptor = Descriptor.of(MediaTypes.OCI_INDEX, list);
        registry.lie = exchange -> {
            boolean asked = known && exchange.getRequestURI().getPath().contains("/referrers/");
            return asked && LyingRegistry.json(exchange, new String(list, java.nio.charset.StandardCharsets.UTF_8));
        };
        if (!known) {
            registry.add(root.digest().toString().replace(':', '-'), descriptor, list);
        }
        try (RegistryClient client = builder().build()) {
            Repository repository = client.repository(registry.reference("x"));
            assertThat(repository.referrers(root.digest()).manifests()).hasSize(1);
            assertThat(repository.referrers(Digest.of(new byte[9])).manifests()).hasSize(known ? 1 : 0);
        }
    }

    @Test
    void errors_have_the_words_of_the_registry() throws IOException {
        registry.lie = exchange -> {
            LyingRegistry.send(exchange, 403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not\\u001b[31m you\"}]}".getBytes());
            return true;
        };
        try (RegistryClient client = builder().build()) {
            Repository repository = client.repository(registry.reference("x"));
            assertThatThrownBy(() -> repository.resolve("a"))
                    .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(403))
                    .hasMessage("asking for " + registry.host() + "/x:a failed with status 403 of http://" + registry.host()
                            + "/v2/x/manifests/a: DENIED not?[31m you");
        }
    }

    @Test
    void a_host_that_is_not_there_is_said_to_be_so() throws IOException {
        try (RegistryClient client = builder().tries(1, Duration.ofMillis(1)).build();
                Repository unknown = client.repository(ImageReference.parse("nothing.invalid/x"));
                Repository closed = client.repository(ImageReference.parse("127.0.0.1:1/x"))) {
            assertThatThrownBy(() -> unknown.resolve("1")).isInstanceOf(IOException.class)
                    .hasMessageContaining("no address is known for 'nothing.invalid'");
            assertThatThrownBy(() -> closed.resolve("1")).isInstanceOf(IOException.class)
                    .hasMessage("http://127.0.0.1:1/v2/x/manifests/1: nobody accepts connections there");
        }
    }

    @Test
    void what_is_not_there_is_named() throws IOException {
        Descriptor foreign = Descriptor.of("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", new byte[5]);
        try (RegistryClient client = builder().build()) {
            Repository repository = client.repository(registry.reference("x"));
            assertThatThrownBy(() -> repository.open(root)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> repository.open(foreign)).hasMessageContaining("kept elsewhere");
            assertThatThrownBy(() -> repository.resolve("a")).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void a_download_that_breaks_off_goes_on() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(31).nextBytes(bytes);
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, bytes);
        registry.blobs.put(layer.digest().toString(), bytes);
        registry.lie = exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.indexOf('-')));
            if (from >= 60_000) {
                return false;
            }
            if (range != null) {
                exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-99999/100000");
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
            exchange.getResponseBody().write(bytes, from, 20_000);
            exchange.getResponseBody().flush();
            return true; // and the connection is closed
        };
        try (RegistryClient client = builder().build()) {
            assertThat(Contents.bytes(client.repository(registry.reference("x")), layer, 1 << 20)).isEqualTo(bytes);
        }
        assertThat(registry.seen).hasSizeGreaterThan(2);
    }

    @Test
    void a_download_goes_on_where_the_registry_knows_no_parts() throws IOException {
        byte[] bytes = new byte[50_000];
        new Random(7).nextBytes(bytes);
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, bytes);
        registry.lie = exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, registry.seen.size() == 1 ? 10_000 : bytes.length);
            exchange.getResponseBody().flush();
            return true;
        };
        try (RegistryClient client = builder().build()) {
            assertThat(Contents.bytes(client.repository(registry.reference("x")), layer, 1 << 20)).isEqualTo(bytes);
        }
    }

    @Test
    void a_manifest_that_breaks_off_is_asked_for_again() throws IOException {
        registry.addAll(images, root, "latest");
        registry.lie = exchange -> {
            if (registry.seen.size() > 1) {
                return false;
            }
            exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_INDEX);
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[50]);
            exchange.getResponseBody().flush();
            return true;
        };
        try (RegistryClient client = builder().build()) {
            assertThat(client.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
        }
        assertThat(registry.seen).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void passing_errors_pass(int status) throws IOException {
        registry.addAll(images, root, "latest");
        registry.lie = exchange -> {
            if (registry.seen.size() > 2) {
                return false;
            }
            LyingRegistry.send(exchange, status, new byte[0]);
            return true;
        };
        try (RegistryClient client = builder().build()) {
            assertThat(client.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
        }
        assertThat(registry.seen).hasSize(3);
    }

    @Test
    void a_registry_may_want_a_token_or_a_password() throws IOException {
        registry.addAll(images, root, "latest");
        CredentialSource known = host -> Optional.of(Credentials.of("me", "secret"));
        registry.lie = exchange -> {
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            String basic = Credentials.of("me", "secret").basic();
            if (exchange.getRequestURI().getPath().equals("/token")) {
                return basic.equals(given) && LyingRegistry.json(exchange, "{'token':'t0k3n','expires_in':300,'other':{}}");
            }
            String challenge = "Bearer realm=\"http://" + registry.host() + "/token\",service=\"a \\\"b\\\" c\",scope=\"repository:all:*\"";
            return !"Bearer t0k3n".equals(given) && LyingRegistry.challenge(exchange, challenge);
        };
        try (RegistryClient client = builder().credentials(known).build()) {
            assertThat(client.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
            assertThat(client.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
        }
        assertThat(registry.targets()).containsExactly(
                "GET /v2/x/manifests/latest", "GET /token?service=a+%22b%22+c&scope=repository%3Ax%3Apull",
                "GET /v2/x/manifests/latest", "GET /v2/x/manifests/latest");
        registry.lie = exchange -> !Credentials.of("me", "secret").basic()
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"))
                && LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        try (RegistryClient client = builder().credentials(known).build()) {
            assertThat(client.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
        }
        try (RegistryClient client = builder().build()) {
            assertThatThrownBy(() -> client.repository(registry.reference("x")).resolve("latest"))
                    .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(401));
        }
    }

    @Test
    void what_is_pushed_is_what_was_to_be_pushed() throws IOException {
        byte[] right = new byte[200_000];
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, right);
        byte[] wrong = right.clone();
        wrong[7]++;
        for (int chunk : new int[] {0, 50_000}) {
            registry.seen.clear();
            try (RegistryClient client = builder().uploadChunks(chunk).build()) {
                Repository repository = client.repository(registry.reference("x"));
                assertThatThrownBy(() -> repository.put(Contents.stream(layer, wrong))).isInstanceOf(WrongContentException.class);
                assertThat(registry.blobs).isEmpty();
                assertThat(registry.targets()).noneMatch(target -> chunk > 0 && target.startsWith("PUT"));
                repository.put(Contents.stream(layer, right));
                assertThat(registry.blobs.remove(layer.digest().toString())).isEqualTo(right);
            }
        }
        assertThatIllegalArgumentException().isThrownBy(() -> builder().tries(0, Duration.ZERO).build());
    }
}
