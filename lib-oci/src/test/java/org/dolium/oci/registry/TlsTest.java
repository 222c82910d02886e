// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    Path directory;

    /// A key and its own certificate for a name, made by the JDK's tool.
    private SSLContext context(String name) throws Exception {
        Path file = directory.resolve(name.replace(':', '-') + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "x", "-keyalg",
                        "EC", "-dname", "CN=x", "-ext", "san=" + name, "-storepass", new String(PASSWORD), "-keystore", file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(output).isZero();
        return context(file);
    }

    private static SSLContext context(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("x", store.getCertificate("x"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static LyingRegistry server(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new LyingRegistry(server);
    }

    private static RegistryClient.Builder builder(String host) {
        return RegistryClient.builder()
                .withTls(host)
                .tries(2, Duration.ZERO)
                .timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10))
                .credentials(registry -> Optional.of(Credentials.of("me", "s3cret")));
    }

    @Test
    void R_15_a_registry_is_who_its_certificate_says() throws Exception {
        SSLContext right = context("ip:127.0.0.1");
        SSLContext wrong = context("dns:other.example");
        TestImage images = new TestImage();
        Descriptor root = images.image("amd64", 3).withPlatform(null);
        try (LyingRegistry registry = server(right); LyingRegistry other = server(wrong)) {
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
                CredentialSource.NONE, Set.of("allowed.example:80"), Set.of("127.0.0.2:443"), Map.of(), null, null, Duration.ZERO,
                Duration.ZERO, 0, 1, Duration.ZERO, 0);
        assertThat(settings.isPlain(registry)).isEqualTo(plain);
    }
}
