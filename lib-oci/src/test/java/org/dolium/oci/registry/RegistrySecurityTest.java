// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.layout.OciLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Registries that lie, and what comes of it.
@Timeout(60)
class RegistrySecurityTest {
    private static final CredentialSource KNOWN = host -> Optional.of(Credentials.of("me", "s3cret"));

    @TempDir
    Path directory;

    private LyingRegistry registry;
    private LyingRegistry other;
    private RegistryClient client;
    private final TestImage images = new TestImage();
    private final Descriptor root = images.image("amd64", 100_000).withPlatform(null);

    @BeforeEach
    void start() throws IOException {
        registry = new LyingRegistry();
        other = new LyingRegistry();
        registry.addAll(images, root, "latest");
        other.addAll(images, root, "latest");
        client = builder().credentials(KNOWN).build();
    }

    private static RegistryClient.Builder builder() {
        return RegistryClient.builder().tries(2, Duration.ofMillis(10)).timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        other.close();
    }

    private Repository repository() {
        return client.repository(registry.reference("x"));
    }

    private void pull(Path layout) throws IOException {
        try (Repository repository = repository(); ImageSink sink = OciLayout.write(layout)) {
            ImageCopy.copy(repository, repository.resolve("latest"), sink, List.of("latest"));
        }
    }

    private static boolean is(HttpExchange exchange, String part) {
        return exchange.getRequestURI().toString().contains(part);
    }

    private static void wrong(ThrowingCallable call, String problem) {
        assertThatThrownBy(call).isInstanceOf(WrongContentException.class).hasMessageContaining(problem);
    }

    @Test
    void R_01_the_type_is_the_same_everywhere() {
        for (String type : List.of(MediaTypes.OCI_INDEX, MediaTypes.DOCKER_MANIFEST, "application/json", "text/html", "",
                "application/vnd.docker.distribution.manifest.v1+prettyjws")) {
            registry.types.put(root.digest().toString(), type);
            wrong(() -> repository().resolve("latest"), "");
            wrong(() -> repository().open(root), "of another type");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "sha256:../../x", "sha256:..%2f..%2fx", "sha1:00", "sha256:00", "../../x", "a/b", "a?b", "a#b", "a b", "a\r\nX-Evil: 1", "",
        "a%0d%0a", "é"
    })
    void R_03_and_R_17_no_request_for_what_is_no_name(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> repository().resolve(name));
        assertThatIllegalArgumentException().isThrownBy(() -> repository().publish(root, List.of(name)));
        assertThat(registry.targets()).allMatch(target -> target.equals("GET /v2/x/manifests/" + root.digest()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"changed", "short", "long", "empty", "other"})
    void R_04_a_wrong_blob_is_never_there(String how) throws IOException {
        for (String key : List.copyOf(registry.blobs.keySet())) {
            if (key.equals(root.digest().toString())) {
                continue;
            }
            byte[] right = registry.blobs.get(key);
            byte[] wrong = right.clone();
            wrong[wrong.length / 2]++;
            registry.blobs.put(key, switch (how) {
                case "short" -> Arrays.copyOf(right, right.length - 1);
                case "long" -> Arrays.copyOf(right, right.length + 1);
                case "empty" -> new byte[0];
                case "other" -> "{}".getBytes();
                default -> wrong;
            });
            registry.lie = exchange -> is(exchange, key) && unannounced(exchange, registry.blobs.get(key));
            Path layout = directory.resolve(key.substring(7));
            assertThatThrownBy(() -> pull(layout)).isInstanceOf(IOException.class);
            assertThat(layout.resolve("blobs/sha256/" + key.substring(7))).doesNotExist();
            registry.lie = exchange -> false;
            registry.blobs.put(key, right);
            pull(layout);
            assertThat(layout.resolve("blobs/sha256/" + key.substring(7))).hasBinaryContent(right);
        }
    }

    /// Without a length, so that only the end tells.
    private static boolean unannounced(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(bytes);
        exchange.getResponseBody().close();
        return true;
    }

    @ParameterizedTest
    @CsvSource({"bytes 0-99999/100000, 99000", "bytes 1000-99999/100001, 99000", "bytes 1001-99999/100000, 98999", "none, 99000",
        "bytes 1000-99999/100000, 98999", "bytes 1000-99999/100000, 99001"})
    void R_04_another_part_than_was_asked_for_is_refused(String range, int length) throws IOException {
        byte[] bytes = new byte[100_000];
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, bytes);
        registry.lie = exchange -> {
            boolean first = exchange.getRequestHeaders().getFirst("Range") == null;
            exchange.getResponseHeaders().set("Content-Range", range);
            exchange.sendResponseHeaders(first ? 200 : 206, first ? bytes.length : length);
            exchange.getResponseBody().write(bytes, 0, first ? 1000 : length);
            exchange.getResponseBody().flush();
            return true;
        };
        wrong(() -> Contents.bytes(repository(), layer, 1 << 20), "the registry");
    }

    @Test
    void R_04_parts_of_two_contents_are_not_one() throws IOException {
        byte[] bytes = new byte[100_000];
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER, bytes);
        byte[] changed = bytes.clone();
        changed[99_999] = 1;
        registry.lie = exchange -> {
            boolean first = exchange.getRequestHeaders().getFirst("Range") == null;
            if (first) {
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes, 0, 1000);
                exchange.getResponseBody().flush();
            } else {
                LyingRegistry.content(exchange, changed);
            }
            return true;
        };
        wrong(() -> Contents.bytes(repository(), layer, 1 << 20), "its digest is");
    }

    @Test
    void R_04_the_digest_that_a_registry_states_is_not_believed() {
        for (String stated : List.of(Digest.of(new byte[1]).toString(), "sha256:00", "md5:d41d8cd98f00b204e9800998ecf8427e")) {
            registry.lie = exchange -> {
                exchange.getResponseHeaders().set("Docker-Content-Digest", stated);
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                LyingRegistry.send(exchange, 200, images.content.get(root.digest()));
                return true;
            };
            wrong(() -> repository().resolve("latest"), "the registry answers for");
            wrong(() -> repository().resolve(root.digest().toString()), "the registry answers for");
        }
        registry.lie = exchange -> unannounced(exchange, images.content.get(root.digest()));
        wrong(() -> repository().resolve(Digest.of(new byte[1]).toString()), "with content that has the digest " + root.digest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"manifest", "token", "error", "tags", "referrers"})
    void R_06_bodies_without_an_end_are_given_up(String what) throws IOException {
        AtomicInteger sent = new AtomicInteger();
        registry.lie = exchange -> {
            if (what.equals("token") && !is(exchange, "/token")) {
                return LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\"");
            }
            exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
            exchange.sendResponseHeaders(what.equals("error") ? 403 : 200, 0);
            byte[] spaces = new byte[1 << 16];
            Arrays.fill(spaces, (byte) ' ');
            for (; sent.get() < 1000; sent.incrementAndGet()) {
                exchange.getResponseBody().write(spaces);
            }
            return true;
        };
        assertThatThrownBy(() -> {
            switch (what) {
                case "tags" -> repository().tags();
                case "referrers" -> repository().referrers(root.digest());
                default -> repository().resolve("latest");
            }
        }).isInstanceOf(IOException.class);
        assertThat(sent.get()).isLessThan(300);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void R_09_nobody_else_sees_credentials(int status) throws IOException {
        String basic = Credentials.of("me", "s3cret").basic();
        registry.lie = exchange -> basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                ? LyingRegistry.redirect(exchange, status, "http://" + other.host() + exchange.getRequestURI() + "?signature=x")
                : LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        pull(directory.resolve("layout"));
        client.repository(registry.reference("x")).has(root);
        assertThat(registry.seen).anyMatch(request -> request.headers().containsKey("Authorization"));
        assertThat(other.seen).hasSize(4).noneMatch(request -> request.headers().containsKey("Authorization")
                || request.headers().containsKey("Cookie")
                || request.headers().values().toString().contains("s3cret"));
    }

    /// A client that follows by itself and sends the header to whoever it is led to: the attack reaches its aim.
    @Test
    void R_09_without_the_control_somebody_else_sees_credentials() throws Exception {
        registry.lie = exchange -> LyingRegistry.redirect(exchange, 307, "http://" + other.host() + exchange.getRequestURI());
        java.net.URI at = java.net.URI.create("http://" + registry.host() + "/v2/");
        try (java.net.http.HttpClient plain = java.net.http.HttpClient.newHttpClient()) {
            for (int hop = 0; hop < 2; hop++) {
                var answer = plain.send(
                        java.net.http.HttpRequest.newBuilder(at).header("Authorization", "Basic x").build(),
                        java.net.http.HttpResponse.BodyHandlers.discarding());
                at = answer.headers().firstValue("Location").map(java.net.URI::create).orElse(at);
            }
        }
        assertThat(other.seen).anyMatch(request -> "Basic x".equals(request.headers().getFirst("Authorization")));
    }

    @Test
    void R_09_an_upload_is_led_nowhere() {
        registry.lie = exchange -> exchange.getRequestMethod().equals("POST")
                && LyingRegistry.redirect(exchange, 307, "http://" + other.host() + "/");
        assertThatThrownBy(() -> repository().put(Contents.stream(Descriptor.of("a/b", new byte[3]), new byte[3])))
                .hasMessageContaining("leads an upload elsewhere");
        assertThat(other.seen).isEmpty();
    }

    @Test
    void R_09_an_upload_that_goes_on_elsewhere_has_no_credentials() throws IOException {
        String basic = Credentials.of("me", "s3cret").basic();
        registry.lie = exchange -> {
            if (!basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
            }
            exchange.getResponseHeaders().set("Location", "http://" + other.host() + "/v2/x/blobs/uploads/0");
            LyingRegistry.send(exchange, 202, new byte[0]);
            return true;
        };
        repository().put(Contents.stream(Descriptor.of("a/b", new byte[3]), new byte[3]));
        assertThat(other.seen).hasSize(1).noneMatch(request -> request.headers().containsKey("Authorization"));
        assertThat(other.blobs).containsKey(Digest.of(new byte[3]).toString());
    }

    @Test
    void R_10_addresses_in_descriptors_are_not_asked() throws IOException {
        Descriptor layer = new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest.of(new byte[9]), 9,
                List.of("http://" + other.host() + "/layer", "file:///etc/passwd"), Map.of(), null, null, null, Map.of());
        Descriptor config = images.add(MediaTypes.OCI_CONFIG, "{}".getBytes());
        Descriptor manifest = images.add(MediaTypes.OCI_MANIFEST, Manifest.of(config, List.of(layer)).toJson());
        registry.addAll(images, manifest, "latest");
        assertThatThrownBy(() -> pull(directory.resolve("layout"))).hasMessageContaining("kept elsewhere");
        assertThat(other.seen).isEmpty();
    }

    @Test
    void R_11_credentials_go_to_no_other_realm() throws IOException {
        registry.lie = exchange -> LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + other.host() + "/token\",service=\"x\"");
        assertThatThrownBy(() -> repository().resolve("latest")).hasMessageContaining("wants the credentials for " + registry.host());
        assertThat(other.seen).isEmpty();
        for (String realm : List.of("http://example.com/", "http://me:s3cret@" + registry.host() + "/", "file:///etc/passwd", "x", "",
                "//", "https://[::1", "http://" + registry.host() + "/#fragment", "jar:file:/x!/y")) {
            registry.lie = exchange -> LyingRegistry.challenge(exchange, "Bearer realm=\"" + realm + "\"");
            assertThatThrownBy(() -> repository().resolve("latest")).as(realm).isInstanceOf(IOException.class);
        }
        try (RegistryClient trusting = builder().credentials(KNOWN).trustRealm(registry.host(), "127.0.0.1").build()) {
            registry.lie = exchange -> exchange.getRequestHeaders().getFirst("Authorization") == null
                    && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + other.host() + "/token\"");
            other.lie = exchange -> LyingRegistry.json(exchange, "{'access_token':'t'}");
            assertThat(trusting.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
            assertThat(other.seen).hasSize(1);
        }
    }

    /// A token that is asked for without credentials is worth nothing to others.
    @Test
    void R_11_a_realm_elsewhere_is_asked_without_credentials() throws IOException {
        registry.lie = exchange -> exchange.getRequestHeaders().getFirst("Authorization") == null
                && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + other.host() + "/token\"");
        other.lie = exchange -> LyingRegistry.json(exchange, "{'token':'t'}");
        try (RegistryClient nobody = builder().build()) {
            assertThat(nobody.repository(registry.reference("x")).resolve("latest")).isEqualTo(root);
        }
        assertThat(other.seen).hasSize(1).noneMatch(request -> request.headers().containsKey("Authorization"));
    }

    @Test
    void R_11_a_realm_that_leads_on_is_not_followed() {
        registry.lie = exchange -> is(exchange, "/token")
                ? LyingRegistry.redirect(exchange, 307, "http://" + other.host() + "/token")
                : LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\"");
        assertThatThrownBy(() -> repository().resolve("latest")).hasMessageContaining("getting a token failed with status 307");
        assertThat(other.seen).isEmpty();
    }

    @Test
    void R_12_a_token_is_for_what_it_was_asked_for() throws IOException {
        Set<String> given = ConcurrentHashMap.newKeySet();
        registry.lie = exchange -> {
            if (is(exchange, "/token")) {
                given.add(exchange.getRequestURI().getQuery());
                return LyingRegistry.json(exchange, "{'token':'for-" + given.size() + "'}");
            }
            return exchange.getRequestHeaders().getFirst("Authorization") == null
                    && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host()
                            + "/token\",scope=\"repository:victim:*\"");
        };
        client.repository(registry.reference("a")).resolve("latest");
        client.repository(registry.reference("b")).resolve("latest");
        client.repository(registry.reference("a")).has(root);
        assertThat(given).containsExactlyInAnyOrder("scope=repository:a:pull", "scope=repository:b:pull", "scope=repository:a:pull,push");
        assertThat(registry.seen).filteredOn(request -> request.target().contains("/b/"))
                .extracting(request -> request.headers().getFirst("Authorization")).containsExactly(null, "Bearer for-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://100.100.100.200/",
        "https://0.0.0.0/", "https://[fe80::1]/", "https://224.0.0.1/", "file:///etc/passwd", "jar:file:///x!/y", "ftp://example.com/",
        "gopher://127.0.0.1/", "http://me@127.0.0.1/", "//169.254.169.254/x", "http:///x", "https://", "\\\\x\\y"
    })
    void R_13_no_way_leads_inside(String location) {
        registry.lie = exchange -> LyingRegistry.redirect(exchange, 302, location);
        assertThatThrownBy(() -> repository().resolve("latest")).isInstanceOf(RefusedException.class);
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void R_16_a_way_without_an_end_is_left() {
        registry.lie = exchange -> LyingRegistry.redirect(exchange, 302, exchange.getRequestURI() + "x");
        assertThatThrownBy(() -> repository().resolve("latest")).hasMessageContaining("leads on more than 5 times");
        assertThat(registry.seen).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 429, 503})
    void R_16_refusals_without_an_end_are_believed(int status) {
        registry.lie = exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
            LyingRegistry.send(exchange, status, new byte[0]);
            return true;
        };
        assertThatThrownBy(() -> repository().resolve("latest"))
                .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(status));
        assertThat(registry.seen).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "head", "body", "drops", "token", "upload"})
    void R_16_slow_answers_are_given_up(String what) throws Exception {
        registry.lie = exchange -> {
            boolean slow = switch (what) {
                case "token" -> is(exchange, "/token");
                case "upload" -> exchange.getRequestMethod().equals("PUT");
                default -> true;
            };
            return slow ? dawdle(exchange, what) : what.equals("token")
                    && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\"");
        };
        long threads = threads();
        long begun = System.nanoTime();
        try (RegistryClient hasty = builder().tries(1, Duration.ZERO).timeouts(Duration.ofSeconds(1), Duration.ofMillis(what.equals("upload") ? 50 : 300)).build()) {
            Repository repository = hasty.repository(registry.reference("x"));
            assertThatThrownBy(() -> {
                if (what.equals("upload")) {
                    repository.put(Contents.stream(Descriptor.of("a/b", new byte[3]), new byte[3]));
                } else {
                    repository.resolve("latest");
                }
            }).isInstanceOf(IOException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        while (threads() > threads && System.nanoTime() - begun < Duration.ofSeconds(20).toNanos()) {
            Thread.sleep(10); // the JDK's own end a little later
        }
        assertThat(threads()).isLessThanOrEqualTo(threads);
    }

    /// A layer of two seconds, a piece at a time, which breaks off in the middle if that is wanted.
    private Descriptor slowLayer(boolean breaks) {
        byte[] bytes = new byte[40_000];
        registry.lie = exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.indexOf('-')));
            if (range != null) {
                exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-39999/40000");
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
            for (int at = from; at < bytes.length && !(breaks && at >= from + 4000); at += 1000) {
                exchange.getResponseBody().write(bytes, at, Math.min(1000, bytes.length - at));
                exchange.getResponseBody().flush();
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
            return true;
        };
        return Descriptor.of(MediaTypes.OCI_LAYER, bytes);
    }

    private byte[] read(RegistryClient.Builder builder, Descriptor content) throws IOException {
        try (RegistryClient hasty = builder.build()) {
            return Contents.bytes(hasty.repository(registry.reference("x")), content, 1 << 20);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void R_16_a_download_ends_with_its_deadline(boolean breaks) {
        Descriptor layer = slowLayer(breaks);
        long begun = System.nanoTime();
        RegistryClient.Builder hasty = builder().tries(100, Duration.ofMillis(1)).deadline(Duration.ofMillis(500))
                .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(1));
        assertThatThrownBy(() -> read(hasty, layer))
                .isInstanceOf(HttpTimeoutException.class)
                .hasMessageContaining("it took longer than 0.5 seconds in all");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void R_16_without_the_control_it_goes_on(boolean breaks) throws IOException {
        Descriptor layer = slowLayer(breaks);
        assertThat(read(builder().tries(100, Duration.ofMillis(1)), layer)).hasSize(40_000);
    }

    @Test
    void R_16_too_little_is_given_up() {
        Descriptor layer = slowLayer(false);
        RegistryClient.Builder hasty = builder().tries(1, Duration.ZERO).leastBytesPerSecond(1_000_000)
                .timeouts(Duration.ofSeconds(5), Duration.ofMillis(700));
        assertThatThrownBy(() -> read(hasty, layer)).isInstanceOf(HttpTimeoutException.class).hasMessageContaining("comes too slowly");
    }

    @Test
    void R_16_without_the_control_too_little_is_waited_for() throws IOException {
        Descriptor layer = slowLayer(false);
        RegistryClient.Builder patient = builder().tries(1, Duration.ZERO).leastBytesPerSecond(0)
                .timeouts(Duration.ofSeconds(5), Duration.ofMillis(700));
        assertThat(read(patient, layer)).hasSize(40_000);
    }

    @Test
    void R_16_pauses_end_with_the_deadline() {
        registry.lie = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "30");
            LyingRegistry.send(exchange, 503, new byte[0]);
            return true;
        };
        long begun = System.nanoTime();
        assertThatThrownBy(() -> read(builder().deadline(Duration.ofMillis(300)), root)).isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    private static long sockets() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path one : all) {
                try {
                    count += Files.readSymbolicLink(one).toString().startsWith("socket:") ? 1 : 0;
                } catch (java.nio.file.NoSuchFileException e) { // it was closed meanwhile
                    continue;
                }
            }
        }
        return count;
    }

    @Test
    void R_16_no_connection_is_left() throws Exception {
        long before = sockets();
        try (RegistryClient one = builder().build()) {
            Descriptor layer = ((Manifest) Contents.document(one.repository(registry.reference("x")), root)).layers().getFirst();
            for (int i = 0; i < 20; i++) {
                try (InputStream in = one.repository(registry.reference("x")).open(layer)) {
                    assertThat(in.readNBytes(10)).hasSize(10);
                }
            }
        }
        for (int i = 0; i < 500 && sockets() > before; i++) {
            Thread.sleep(20); // the other end is closed by a thread of the server
        }
        assertThat(sockets()).isLessThanOrEqualTo(before);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(HttpClient-|dolium-).*"))
                .count();
    }

    private static boolean dawdle(HttpExchange exchange, String what) throws IOException {
        try {
            if (what.equals("body") || what.equals("drops")) {
                exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_MANIFEST);
                exchange.sendResponseHeaders(200, 0);
            }
            for (int i = 0; i < 300; i++) {
                if (what.equals("drops")) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                }
                Thread.sleep(100);
            }
            return true;
        } catch (InterruptedException e) {
            return true;
        }
    }

    @Test
    void R_17_what_a_registry_says_becomes_no_header() throws IOException {
        registry.lie = exchange -> is(exchange, "/token")
                ? LyingRegistry.json(exchange, "{'token':'a\\r\\nX-Evil: 1'}")
                : LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\",service=\"a b&scope=evil#x\"");
        assertThatThrownBy(() -> repository().resolve("latest")).hasMessageContaining("no characters that can be sent");
        assertThat(registry.targets()).last().isEqualTo("GET /token?service=a+b%26scope%3Devil%23x&scope=repository%3Ax%3Apull");
        assertThatIllegalArgumentException().isThrownBy(() -> Credentials.of("a\r\nb", "c"));
        assertThatIllegalArgumentException().isThrownBy(() -> Credentials.of("a:b", "c"));
    }

    @Test
    void R_17_tags_that_are_none_are_refused() {
        for (String tag : List.of("a/b", "../x", "a\\r\\nb", "", "a b")) {
            registry.lie = exchange -> LyingRegistry.json(exchange, "{'tags':['" + tag + "']}");
            wrong(() -> repository().tags(), "is no tag");
        }
        registry.lie = exchange -> {
            exchange.getResponseHeaders().set("Link", "<http://" + other.host() + "/v2/x/tags/list>; rel=\"next\"");
            return LyingRegistry.json(exchange, "{'tags':[]}");
        };
        assertThatThrownBy(() -> repository().tags()).hasMessageContaining("elsewhere");
        registry.lie = exchange -> {
            exchange.getResponseHeaders().set("Link", "</v2/x/tags/list?n=1000>; rel=\"next\"");
            return LyingRegistry.json(exchange, "{'tags':[]}");
        };
        assertThatThrownBy(() -> repository().tags()).hasMessageContaining("without an end");
    }

    /// The tag means something else each time; one digest is pulled.
    @Test
    void R_19_a_name_is_asked_once() throws IOException {
        Descriptor second = images.image("amd64", 7).withPlatform(null);
        registry.addAll(images, second, "other");
        registry.lie = exchange -> {
            byte[] now = registry.manifests.get(registry.seen.size() % 2 == 1 ? root.digest().toString() : "other");
            registry.manifests.put("latest", now);
            return false;
        };
        pull(directory.resolve("layout"));
        try (ImageSource layout = OciLayout.read(directory.resolve("layout"))) {
            assertThat(layout.resolve("latest")).isEqualTo(root);
            assertThat(Contents.document(layout, root)).isInstanceOf(Manifest.class);
        }
        assertThat(registry.targets()).filteredOn(target -> target.endsWith("/latest")).hasSize(1);
    }

    @Test
    void R_20_a_liar_and_an_honest_registry_at_once() throws Exception {
        other.lie = exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] right = other.blobs.get(path.substring(path.lastIndexOf('/') + 1));
            return right != null && is(exchange, "/blobs/") && unannounced(exchange, new byte[right.length]);
        };
        Path layout = directory.resolve("layout");
        AtomicInteger failures = new AtomicInteger();
        Thread liar = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 10; i++) {
                try (Repository repository = client.repository(other.reference("x")); ImageSink sink = OciLayout.write(layout)) {
                    ImageCopy.copy(repository, root, sink, List.of());
                } catch (IOException e) {
                    failures.incrementAndGet();
                }
            }
        });
        pull(layout);
        liar.join();
        try (ImageSource source = OciLayout.read(layout); InputStream in = source.open(root)) {
            assertThat(in.readAllBytes()).isEqualTo(images.content.get(root.digest()));
            for (Descriptor part : ((Manifest) Contents.document(source, root)).parts()) {
                assertThat(Contents.bytes(source, part, ImageDocument.LIMIT)).isEqualTo(images.content.get(part.digest()));
            }
        }
        assertThat(Files.list(layout)).noneMatch(path -> path.getFileName().toString().matches("\\.dolium-.*-.*"));
        assertThat(failures.get()).isBetween(0, 10);
    }
}
