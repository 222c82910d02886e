// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.layout.OciLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MirrorTest {
    @TempDir
    Path directory;

    private final TestImage images = new TestImage();
    private final Descriptor root = images.image("amd64", 100_000, 300_000).withPlatform(null);
    private LyingRegistry origin;
    private LyingRegistry first;
    private LyingRegistry second;

    @BeforeEach
    void start() throws IOException {
        origin = new LyingRegistry();
        first = new LyingRegistry();
        second = new LyingRegistry();
        for (LyingRegistry one : List.of(origin, first, second)) {
            one.addAll(images, root, "latest");
        }
    }

    @AfterEach
    void stop() {
        origin.close();
        first.close();
        second.close();
    }

    private RegistryClient.Builder builder() {
        return RegistryClient.builder()
                .mirror(origin.host(), first.host())
                .mirror(origin.host(), second.host() + "/below/this")
                .tries(2, Duration.ofMillis(10))
                .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    private void pull(RegistryClient.Builder builder) throws IOException {
        Path layout = directory.resolve("layout");
        try (RegistryClient client = builder.build();
                Repository repository = client.repository(origin.reference("x"));
                ImageSink sink = OciLayout.write(layout)) {
            ImageCopy.copy(repository, repository.resolve("latest"), sink, List.of("latest"));
        }
        try (ImageSource source = OciLayout.read(layout)) {
            for (byte[] bytes : images.content.values()) {
                assertThat(Contents.bytes(source, Descriptor.of("a/b", bytes), 1 << 20)).isEqualTo(bytes);
            }
        }
    }

    private static final String TAG = "GET /v2/x/manifests/latest";

    @Test
    void the_first_mirror_has_everything_but_the_meaning_of_names() throws IOException {
        pull(builder());
        assertThat(origin.targets()).containsExactly(TAG);
        assertThat(first.targets()).hasSize(3).allMatch(target -> target.startsWith("GET /v2/x/blobs/sha256:"));
        assertThat(second.targets()).isEmpty();
    }

    @Test
    void a_mirror_may_be_believed_about_names() throws IOException {
        RegistryClient.Builder builder = RegistryClient.builder().mirrorWithTags(origin.host(), first.host());
        pull(builder);
        assertThat(origin.seen).isEmpty();
        assertThat(first.targets()).hasSize(4).contains(TAG);
    }

    @Test
    void a_mirror_is_not_asked_for_names_of_other_registries_and_nothing_is_pushed_to_it() throws IOException {
        try (RegistryClient client = builder().build(); Repository repository = client.repository(origin.reference("new"))) {
            ImageCopy.copy(images, images.index(images.image("arm64", 77)), repository, List.of("one"));
            assertThat(repository.tags()).contains("one");
            client.repository(second.reference("x")).resolve("latest");
        }
        assertThat(first.seen).isEmpty();
        assertThat(second.targets()).containsExactly(TAG);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 429, 500, 503})
    void what_one_mirror_does_not_give_the_next_does(int status) throws IOException {
        first.lie = exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
            LyingRegistry.send(exchange, status, new byte[0]);
            return true;
        };
        pull(builder());
        assertThat(first.seen).hasSize(3);
        assertThat(second.targets()).hasSize(3).allMatch(target -> target.startsWith("GET /v2/below/this/x/blobs/"));
        assertThat(origin.targets()).containsExactly(TAG);
    }

    @Test
    void a_mirror_that_can_not_be_reached_is_left_alone_for_a_while() throws IOException {
        first.close();
        second.lie = exchange -> {
            exchange.close();
            return true;
        };
        pull(builder());
        assertThat(second.targets().stream().distinct()).hasSize(1); // the JDK's client tries a second time by itself
        assertThat(origin.targets()).hasSize(4);
    }

    @Test
    void a_download_that_breaks_off_at_a_mirror_goes_on_at_the_next_place() throws IOException {
        for (LyingRegistry mirror : List.of(first, second)) {
            mirror.lie = exchange -> {
                String path = exchange.getRequestURI().getPath();
                byte[] bytes = mirror.blobs.get(path.substring(path.lastIndexOf('/') + 1));
                if (bytes == null || bytes.length < 300_000) {
                    return false;
                }
                String range = exchange.getRequestHeaders().getFirst("Range");
                int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.indexOf('-')));
                if (range != null) {
                    exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-299999/300000");
                }
                exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
                exchange.getResponseBody().write(bytes, from, 100_000);
                exchange.getResponseBody().flush();
                return true;
            };
        }
        pull(builder());
        assertThat(second.seen).filteredOn(request -> request.headers().containsKey("Range")).hasSize(1);
        assertThat(origin.seen).filteredOn(request -> request.headers().containsKey("Range"))
                .singleElement() // the last that came before an end may be lost
                .satisfies(request -> assertThat(request.headers().getFirst("Range")).matches("bytes=(1[0-9]{5}|200000)-299999"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"changed", "short", "long", "manifest"})
    void R_04_a_mirror_that_lies_is_passed_over(String how) throws IOException {
        boolean manifest = how.equals("manifest");
        for (Digest digest : images.content.keySet()) {
            byte[] right = images.content.get(digest);
            byte[] wrong = how.equals("short") ? Arrays.copyOf(right, right.length - 1)
                    : how.equals("long") ? Arrays.copyOf(right, right.length + 1) : right.clone();
            wrong[wrong.length / 2]++;
            first.blobs.put(digest.toString(), wrong);
            if (first.manifests.containsKey(digest.toString())) {
                first.manifests.put(digest.toString(), wrong);
                first.types.put(Digest.of(wrong).toString(), root.mediaType());
            }
        }
        if (manifest) {
            try (RegistryClient client = builder().build()) {
                Repository repository = client.repository(origin.reference("x"));
                assertThat(repository.resolve(root.digest().toString())).isEqualTo(root);
                assertThat(Contents.bytes(client.repository(origin.reference("x")), root, 1 << 20))
                        .isEqualTo(images.content.get(root.digest()));
            }
            assertThat(first.seen).hasSize(2);
        } else {
            pull(builder());
            assertThat(first.seen).hasSizeBetween(1, 3);
        }
        assertThat(second.seen).isNotEmpty();
    }

    /// Parts of two contents: nobody knows which was wrong, so neither is asked again.
    @Test
    void R_04_what_two_mirrors_gave_together_is_verified_together() throws IOException {
        Descriptor layer = Descriptor.of("application/vnd.oci.image.layer.v1.tar", new byte[1000]);
        origin.blobs.put(layer.digest().toString(), new byte[1000]);
        byte[] changed = new byte[1000];
        changed[999] = 1;
        second.blobs.put(layer.digest().toString(), changed);
        first.lie = exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
            return true;
        };
        try (RegistryClient client = builder().build()) {
            Repository repository = client.repository(origin.reference("x"));
            VerifiedStream wrong = repository.open(layer);
            assertThatThrownBy(wrong::readAllBytes).isInstanceOf(WrongContentException.class)
                    .hasMessageContaining("from " + first.host() + "/x and " + second.host() + "/below/this/x is wrong: ");
            assertThat(repository.mayOpenAgain(wrong)).isTrue();
            VerifiedStream right = repository.open(layer);
            assertThat(right.readAllBytes()).isEqualTo(new byte[1000]);
            assertThat(repository.mayOpenAgain(right)).isFalse();
        }
        assertThat(second.targets()).hasSize(1);
        assertThat(origin.targets()).hasSize(1);
    }

    @Test
    void why_mirrors_were_given_up_is_in_the_error() throws IOException {
        first.close();
        second.lie = exchange -> {
            LyingRegistry.send(exchange, 403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not you\"}]}".getBytes());
            return true;
        };
        try (RegistryClient client = builder().build()) {
            Repository repository = client.repository(origin.reference("x"));
            assertThatThrownBy(() -> repository.open(Descriptor.of("a/b", new byte[5])))
                    .isInstanceOf(NoSuchFileException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).extracting(Throwable::getMessage).satisfiesExactly(
                            one -> assertThat(one).startsWith("the mirror " + first.host() + "/x was given up: ").endsWith("nobody accepts connections there"),
                            two -> assertThat(two).startsWith("the mirror " + second.host() + "/below/this/x was given up: ")
                                    .endsWith("DENIED not you")));
        }
    }

    @Test
    void R_09_a_mirror_sees_no_credentials_but_its_own() throws IOException {
        Credentials secret = Credentials.of("me", "s3cret");
        Credentials own = Credentials.of("mirror", "0wn");
        CredentialSource known = host -> host.equals(origin.host()) ? Optional.of(secret)
                : host.equals(second.host()) ? Optional.of(own) : Optional.empty();
        for (LyingRegistry one : List.of(origin, first, second)) {
            Credentials wanted = one == second ? own : secret;
            one.lie = exchange -> !wanted.basic().equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        }
        pull(builder().credentials(known));
        assertThat(origin.seen).anyMatch(request -> secret.basic().equals(request.headers().getFirst("Authorization")));
        assertThat(first.seen).isNotEmpty().noneMatch(request -> request.headers().containsKey("Authorization"));
        assertThat(second.seen).anyMatch(request -> own.basic().equals(request.headers().getFirst("Authorization")))
                .noneMatch(request -> request.headers().values().toString().contains(secret.basic().substring(6)));
        assertThat(origin.seen).noneMatch(request -> request.headers().values().toString().contains(own.basic().substring(6)));
    }

    /// A mirror asks for a token of the registry's own realm, to get it shown afterwards.
    @Test
    void R_12_a_mirror_gets_no_token_of_the_registry() throws IOException {
        CredentialSource known = host -> host.equals(origin.host()) ? Optional.of(Credentials.of("me", "s3cret")) : Optional.empty();
        origin.lie = exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                boolean me = exchange.getRequestHeaders().containsKey("Authorization");
                return LyingRegistry.json(exchange, me ? "{'token':'mine'}" : "{'token':'anybodys'}");
            }
            return !"Bearer mine".equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + origin.host() + "/token\"");
        };
        first.lie = exchange -> exchange.getRequestHeaders().getFirst("Authorization") == null
                && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + origin.host() + "/token\"");
        pull(builder().credentials(known));
        assertThat(first.seen).extracting(request -> request.headers().getFirst("Authorization"))
                .contains("Bearer anybodys").doesNotContain("Bearer mine");
    }

    @Test
    void R_19_a_mirror_does_not_decide_what_a_name_means() throws IOException {
        TestImage others = new TestImage();
        first.addAll(others, others.image("arm64", 9), "latest");
        pull(builder());
        assertThat(first.targets()).noneMatch(target -> target.endsWith("/latest"));
    }

    @Test
    void R_07_a_mirror_has_a_name_of_a_registry() {
        for (String place : List.of("", "https://mirror.example", "me@mirror.example", "mirror.example/UPPER", "mirror.example/../x", "mirror.example//",
                "a b", "mirror.example/x?y")) {
            assertThatIllegalArgumentException().isThrownBy(() -> RegistryClient.builder().mirror("docker.io", place)).as(place);
        }
    }
}
