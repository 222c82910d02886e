// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    @TempDir
    Path directory;

    private static RegistryClient.Builder builder(String host) {
        return RegistryClient.builder()
                .withTls(host)
                .tries(2, Duration.ZERO)
                .timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10))
                .credentials(registry -> Optional.of(Credentials.of("me", "s3cret")));
    }

    @Test
    void R_15_a_registry_is_who_its_certificate_says() throws Exception {
        TestKeys keys = TestKeys.make(directory, "ip:127.0.0.1", "EC");
        TestKeys others = TestKeys.make(directory, "dns:other.example", "EC");
        SSLContext right = keys.context();
        SSLContext wrong = others.context();
        TestImage images = new TestImage();
        Descriptor root = images.image("amd64", 3).withPlatform(null);
        try (LyingRegistry registry = keys.server(); LyingRegistry other = others.server()) {
            registry.addAll(images, root, "latest");
            other.addAll(images, root, "latest");
            assertThat(resolve(registry, builder(registry.host()).trust(right))).isEqualTo(root);
            assertThatThrownBy(() -> resolve(registry, builder(registry.host()))).isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(() -> resolve(other, builder(other.host()).trust(wrong))).isInstanceOf(SSLHandshakeException.class);
            assertThat(other.seen).isEmpty();
        }
    }

    @Test
    void R_15_nothing_is_sent_without_tls_where_tls_was_asked_for() throws IOException {
        try (LyingRegistry registry = new LyingRegistry()) {
            RegistryClient.Builder hasty = builder(registry.host())
                    .tries(1, Duration.ZERO)
                    .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
            assertThatThrownBy(() -> resolve(registry, hasty)).isInstanceOf(IOException.class);
            assertThat(registry.seen).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"EC, EC", "RSA, Ed25519"})
    void R_15_an_authority_is_believed_of_its_registry_alone(String algorithm, String mine) throws Exception {
        TestKeys keys = TestKeys.make(directory, "ip:127.0.0.1", algorithm);
        TestKeys own = TestKeys.make(directory, "dns:me", mine);
        TestImage images = new TestImage();
        Descriptor root = images.image("amd64", 3).withPlatform(null);
        try (LyingRegistry registry = keys.server(); LyingRegistry other = keys.server()) {
            registry.addAll(images, root, "latest");
            other.addAll(images, root, "latest");
            RegistryClient.Builder builder =
                    builder(registry.host()).withTls(other.host()).trust(registry.host(), PemFiles.trusting(keys.certificate()));
            assertThat(resolve(registry, builder)).isEqualTo(root);
            assertThatThrownBy(() -> resolve(other, builder)).isInstanceOf(SSLHandshakeException.class);
            builder.trust(registry.host(), PemFiles.trusting(own.certificate()));
            assertThatThrownBy(() -> resolve(registry, builder)).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void a_registry_may_want_a_certificate(String algorithm) throws Exception {
        TestKeys keys = TestKeys.make(directory, "ip:127.0.0.1", algorithm);
        TestImage images = new TestImage();
        Descriptor root = images.image("amd64", 3).withPlatform(null);
        try (LyingRegistry registry = keys.server("127.0.0.1", true)) {
            registry.addAll(images, root, "latest");
            RegistryClient.Builder builder = builder(registry.host()).trust(PemFiles.trusting(keys.certificate()));
            assertThatThrownBy(() -> resolve(registry, builder)).isInstanceOf(IOException.class);
            assertThat(registry.seen).isEmpty();
            builder.trust(registry.host(), PemFiles.presenting(keys.certificate(), keys.certificate(), keys.key()));
            assertThat(resolve(registry, builder)).isEqualTo(root);
        }
    }

    @Test
    void R_15_the_authorities_and_the_certificate_in_dockers_directory_are_taken() throws Exception {
        TestKeys keys = TestKeys.make(directory, "ip:127.0.0.1", "EC");
        Path docker = Files.createDirectory(directory.resolve("127.0.0.1:5000"));
        assertThat(PemFiles.directory(docker)).isEmpty();
        try (LyingRegistry registry = keys.server("127.0.0.1", true)) {
            TestImage images = new TestImage();
            Descriptor root = images.image("amd64", 3).withPlatform(null);
            registry.addAll(images, root, "latest");
            Files.copy(keys.certificate(), docker.resolve("ca.crt"));
            SSLContext nobody = PemFiles.directory(docker).orElseThrow();
            assertThatThrownBy(() -> resolve(registry, builder(registry.host()).trust(registry.host(), nobody)))
                    .isInstanceOf(IOException.class);
            Files.copy(keys.key(), docker.resolve("client.key"));
            assertThatThrownBy(() -> PemFiles.directory(docker)).hasMessage("'" + docker.resolve("client.key") + "' is a key that has no certificate");
            Files.copy(keys.certificate(), docker.resolve("client.cert"));
            SSLContext me = PemFiles.directory(docker).orElseThrow();
            assertThat(resolve(registry, builder(registry.host()).trust(registry.host(), me))).isEqualTo(root);
        }
    }

    @Test
    void authorities_in_dockers_directory_are_believed_besides_those_of_the_jdk() throws Exception {
        TestKeys known = TestKeys.make(directory, "ip:127.0.0.1", "EC");
        TestKeys own = TestKeys.make(directory, "dns:other.example", "EC");
        Path docker = Files.createDirectory(directory.resolve("docker"));
        Files.copy(own.certificate(), docker.resolve("ca.crt"));
        TestImage images = new TestImage();
        Descriptor root = images.image("amd64", 3).withPlatform(null);
        System.setProperty("javax.net.ssl.trustStore", known.certificate().resolveSibling("store.p12").toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "password");
        try (LyingRegistry registry = known.server()) {
            registry.addAll(images, root, "latest");
            SSLContext both = PemFiles.directory(docker).orElseThrow();
            assertThat(resolve(registry, builder(registry.host()).trust(registry.host(), both))).isEqualTo(root);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void files_that_are_none_are_named() throws Exception {
        Path file = Files.writeString(directory.resolve("x"), "x");
        TestKeys keys = TestKeys.make(directory, "dns:x", "EC");
        assertThatThrownBy(() -> PemFiles.trusting(file)).isInstanceOf(IOException.class).hasMessageContaining(file.toString());
        assertThatThrownBy(() -> PemFiles.presenting(null, keys.certificate(), file)).hasMessageContaining("there is no key in '" + file);
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> PemFiles.presenting(null, keys.certificate(), file)).hasMessageContaining("none of the kinds");
    }

    private static Descriptor resolve(LyingRegistry registry, RegistryClient.Builder builder) throws IOException {
        try (RegistryClient client = builder.build()) {
            return client.repository(ImageReference.parse(registry.host() + "/x")).resolve("latest");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io, false", "registry.example:5000, false", "192.168.0.1:5000, false", "10.0.0.1, false", "localhost.example, false",
        "localhost:5000, true", "localhost, true", "127.0.0.1:5000, true", "127.8.9.1, true", "[::1]:5000, true", "[::1], true",
        "LOCALHOST, false", "allowed.example:80, true", "allowed.example, false", "tls.localhost, false", "127.0.0.2:443, false"
    })
    void R_15_only_this_machine_and_what_was_allowed_is_asked_without_tls(String registry, boolean plain) {
        RegistrySettings settings = new RegistrySettings(
                CredentialSource.NONE, Set.of("allowed.example:80"), Set.of("127.0.0.2:443"), Map.of(), Map.of(),
                new NetworkSettings(null, Map.of(), null, Map.of(), null, InetAddress::getAllByName), Duration.ZERO, Duration.ZERO, 0,
                Duration.ZERO, 1, Duration.ZERO, 0);
        assertThat(settings.isPlain(registry)).isEqualTo(plain);
    }
}
