// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.layout.OciLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How connections are made: through proxies, and to addresses that may be connected to.
@Timeout(60)
class RouteTest {
    private static final Credentials PROXY_PASSWORD = Credentials.of("proxy-user", "pr0xy-s3cret");

    @TempDir
    static Path directory;

    private static TestKeys keys;

    private final TestImage images = new TestImage();
    private final Descriptor root = images.image("amd64", 100_000, 3_000_000).withPlatform(null);
    private LyingRegistry registry;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        if (keys == null) {
            keys = TestKeys.make(directory, "dns:registry.example,dns:sub.registry.example,dns:other.example,ip:127.0.0.1", "EC");
        }
        registry = keys.server();
        registry.addAll(images, root, "latest");
        proxy = new TestProxy(registry.port());
    }

    @AfterEach
    void stop() throws IOException {
        registry.close();
        proxy.close();
    }

    private RegistryClient.Builder builder() {
        return RegistryClient.builder()
                .trust(keys.context())
                .tries(2, Duration.ofMillis(10))
                .timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    private void pull(RegistryClient client, String name, String layout) throws IOException {
        try (Repository repository = client.repository(ImageReference.parse(name));
                ImageSink sink = OciLayout.write(directory.resolve(layout))) {
            assertThat(repository.resolve("latest")).isEqualTo(root);
            ImageCopy.copy(repository, root, sink, List.of("latest"));
        }
    }

    @Test
    void a_registry_is_asked_through_a_proxy_with_a_password() throws IOException {
        proxy.wanted = PROXY_PASSWORD.basic();
        HttpProxy through = new HttpProxy(proxy.uri(), PROXY_PASSWORD, List.of());
        CredentialSource known = host -> Optional.of(Credentials.of("me", "s3cret"));
        registry.lie = exchange -> exchange.getRequestHeaders().getFirst("Authorization") == null
                && LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        try (RegistryClient client = builder().proxy(through).credentials(known).build()) {
            pull(client, "registry.example/x", "through");
        }
        assertThat(proxy.seen).isNotEmpty().allMatch(head -> head.startsWith("CONNECT registry.example:443 HTTP/1.1\r\n"));
        assertThat(proxy.seen).noneMatch(head -> head.contains("\r\nAuthorization"));
        assertThat(registry.seen).isNotEmpty().noneMatch(request -> request.headers().containsKey("Proxy-Authorization"));
    }

    @Test
    void R_09_the_password_of_a_proxy_is_the_proxys() throws IOException {
        try (LyingRegistry plain = new LyingRegistry(); TestProxy to = new TestProxy(plain.port())) {
            plain.addAll(images, root, "latest");
            HttpProxy through = new HttpProxy(to.uri(), PROXY_PASSWORD, List.of("direct.example", "127.0.0.0/8"));
            to.wanted = PROXY_PASSWORD.basic();
            try (RegistryClient client = builder().proxy(through).withoutTls("plain.example:80").build()) {
                pull(client, "plain.example:80/x", "plain");
                pull(client, plain.host() + "/x", "direct");
            }
            assertThat(to.seen).isNotEmpty().allMatch(head -> head.contains(" http://plain.example:80/v2/x/"));
            assertThat(plain.seen).hasSizeGreaterThan(to.seen.size());
            assertThat(plain.seen).noneMatch(request -> request.headers().containsKey("Proxy-Authorization"));
        }
    }

    @Test
    void one_scheme_may_have_another_proxy() throws IOException {
        try (LyingRegistry plain = new LyingRegistry(); TestProxy other = new TestProxy(plain.port())) {
            plain.addAll(images, root, "latest");
            RegistryClient.Builder builder =
                    builder().proxy("http", HttpProxy.of(other.uri())).proxy("https", HttpProxy.of(proxy.uri())).withoutTls("plain.example:80");
            try (RegistryClient client = builder.build()) {
                pull(client, "plain.example:80/x", "http");
                assertThat(proxy.seen).isEmpty();
                other.seen.clear();
                pull(client, "registry.example/x", "https");
                assertThat(proxy.seen).isNotEmpty();
                assertThat(other.seen).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "proxy.example, http://proxy.example, ,", "proxy.example:3128, http://proxy.example:3128, ,",
        "http://proxy.example:3128/, http://proxy.example:3128, ,", "http://me@proxy.example, http://proxy.example, me, ''",
        "http://me:a%40b%3Ac@[::1]:3128, http://[::1]:3128, me, a@b:c"
    })
    void a_proxy_is_read_as_the_environment_has_it(String text, URI address, String user, String password) {
        Credentials credentials = user == null ? null : Credentials.of(user, password);
        assertThat(HttpProxy.parse(text, List.of("x"))).isEqualTo(new HttpProxy(address, credentials, List.of("x")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://s3cret@proxy", "https://s3cret@proxy", "http://s3cret@", "http://s3cret@a b", "http://:s3cret", ""})
    void what_is_no_proxy_is_not_repeated(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HttpProxy.parse(text, List.of())).withMessageNotContaining("s3cret");
    }

    @Test
    void a_proxy_that_refuses_is_named() throws IOException {
        proxy.wanted = PROXY_PASSWORD.basic();
        for (Credentials wrong : new Credentials[] {null, Credentials.of("proxy-user", "wr0ng")}) {
            proxy.seen.clear();
            try (RegistryClient client = builder().proxy(new HttpProxy(proxy.uri(), wrong, List.of())).build()) {
                assertThatThrownBy(() -> pull(client, "registry.example/x", "refused"))
                        .hasMessageContaining("the proxy 127.0.0.1:" + proxy.uri().getPort()
                                + " answers with 'HTTP/1.1 407 Proxy Authentication Required' for registry.example:443")
                        .hasMessageNotContaining("wr0ng");
            }
            assertThat(proxy.seen).hasSizeBetween(1, 2); // the JDK's client connects a second time by itself
        }
        assertThat(registry.seen).isEmpty();
    }

    @Test
    void the_jdks_choice_of_proxies_is_followed() throws IOException {
        ProxySelector selector = ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.uri().getPort()));
        try (RegistryClient client = builder().proxy(selector).build()) {
            pull(client, "registry.example/x", "selected");
        }
        assertThat(proxy.seen).isNotEmpty().allMatch(head -> head.startsWith("CONNECT registry.example:443 "));
        RegistryClient.Builder both = builder().proxy(selector).publicAddressesOnly();
        assertThatIllegalArgumentException().isThrownBy(both::build);
    }

    /// The environment of this JVM would lead elsewhere: its variables and properties are not read.
    @Test
    void nothing_is_read_from_properties() throws IOException {
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", String.valueOf(proxy.uri().getPort()));
        try (RegistryClient client = builder().withTls(registry.host()).build()) {
            pull(client, registry.host() + "/x", "properties");
        } finally {
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
        }
        assertThat(proxy.seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, https://example.com/, false", "example.com, https://sub.example.com/, false", "example.com, https://myexample.com/, true",
        ".example.com, https://sub.example.com/, false", ".example.com, https://example.com/, true",
        "*.example.com, https://a.b.example.com/, false", "EXAMPLE.com, https://Example.COM/, false",
        "example.com:5000, https://example.com:5000/, false", "example.com:5000, https://example.com/, true",
        "example.com:443, https://example.com/, false", "*, https://example.com/, false", "10.0.0.0/8, https://10.9.8.7/, false",
        "10.0.0.0/8, https://11.9.8.7/, true", "10.0.0.0/8, https://ten.example/, true", "fd00::/8, https://[fd12::1]/, false",
        "127.0.0.1, https://127.0.0.1:5000/, false", "[::1]:5000, https://[::1]:5000/, false", "[::1]:5000, https://[::1]:5001/, true",
        "10.0.0.0/99, https://10.0.0.1/, true", "10.0.0.0/x, https://10.0.0.1/, true", "'', https://example.com/, true"
    })
    void some_hosts_are_asked_without_the_proxy(String except, String address, boolean through) {
        HttpProxy one = new HttpProxy(URI.create("http://proxy.example:3128"), null, List.of("none.example", except));
        assertThat(one.isFor(URI.create(address))).isEqualTo(through);
    }

    @Test
    void what_is_no_proxy_is_refused() {
        for (String address : List.of("https://proxy.example", "socks://x", "http://me:pw@proxy.example", "proxy.example:3128", "http:///")) {
            assertThatIllegalArgumentException().isThrownBy(() -> HttpProxy.of(URI.create(address)));
        }
        Credentials token = new Credentials("", "t", Credentials.Kind.BEARER_TOKEN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HttpProxy(URI.create("http://proxy.example"), token, List.of()))
                .withMessageNotContaining("http:");
    }

    /// Names lead to this machine, other names elsewhere in it, and some to another place each time.
    private NetworkSettings.Resolver names(Map<String, List<String>> names) {
        Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
        return host -> {
            List<String> known = names.get(host);
            if (known == null) {
                throw new UnknownHostException(host);
            }
            int time = asked.computeIfAbsent(host, key -> new AtomicInteger()).getAndIncrement();
            return new InetAddress[] {InetAddress.ofLiteral(known.get(Math.min(time, known.size() - 1)))};
        };
    }

    private static final NetworkSettings.Allowed ALL_BUT_THE_SECOND = address -> !address.equals(InetAddress.ofLiteral("127.0.0.2"));

    /// The name is what the certificate is for, and what the registry is told, though it is resolved here.
    @Test
    void R_13_a_name_that_was_resolved_here_is_still_the_one_of_tls_and_http() throws IOException {
        NetworkSettings.Resolver names = names(Map.of("registry.example", List.of("127.0.0.1"), "wrong.example", List.of("127.0.0.1")));
        try (RegistryClient client = builder().addresses(ALL_BUT_THE_SECOND, names).build()) {
            String host = "registry.example:" + registry.port();
            pull(client, host + "/x", "resolved");
            assertThat(registry.seen).allMatch(request -> host.equals(request.headers().getFirst("Host")))
                    .noneMatch(request -> request.headers().containsKey("Proxy-Authorization"));
            int before = registry.seen.size();
            assertThatThrownBy(() -> pull(client, "wrong.example:" + registry.port() + "/x", "wrong"))
                    .isInstanceOf(javax.net.ssl.SSLHandshakeException.class);
            assertThat(registry.seen).hasSize(before);
        }
    }

    /// The name is looked at, and then leads elsewhere.
    private List<LyingRegistry.Seen> rebound(NetworkSettings.Allowed allowed) throws IOException {
        try (LyingRegistry inner = keys.server("127.0.0.2", false)) {
            inner.addAll(images, root, "latest");
            NetworkSettings.Resolver names =
                    names(Map.of("registry.example", List.of("127.0.0.1"), "other.example", List.of("127.0.0.1", "127.0.0.2")));
            registry.lie = exchange ->
                    LyingRegistry.redirect(exchange, 307, "https://other.example:" + inner.port() + exchange.getRequestURI());
            try (RegistryClient client = builder().addresses(allowed, names).build()) {
                client.repository(ImageReference.parse("registry.example:" + registry.port() + "/x")).resolve("latest");
            } catch (RefusedException e) {
                assertThat(e).hasMessageContaining("'other.example' has no address that may be connected to");
            }
            return List.copyOf(inner.seen);
        }
    }

    @Test
    void R_13_a_name_that_changes_leads_nowhere() throws IOException {
        assertThat(rebound(ALL_BUT_THE_SECOND)).isEmpty();
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void R_13_without_the_control_a_name_that_changes_leads_inside() throws IOException {
        assertThat(rebound(address -> true)).hasSize(1);
    }

    @Test
    void R_13_in_the_hardened_mode_only_public_addresses_are_connected_to() throws IOException {
        Map<String, List<String>> names = new HashMap<>();
        for (String inner : List.of("127.0.0.1", "10.0.0.1", "192.168.0.1", "172.20.0.1", "169.254.169.254", "100.64.0.1")) {
            names.put(inner.replace('.', '-') + ".example", List.of(inner));
        }
        RegistryClient.Builder hardened = builder().publicAddressesOnly();
        try (RegistryClient client = hardened.addresses(AddressRange::isPublic, names(names)).build()) {
            for (String name : names.keySet()) {
                assertThatThrownBy(() -> client.repository(ImageReference.parse(name + "/x")).resolve("latest"))
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("'" + name + "' has no address that may be connected to");
            }
        }
        try (RegistryClient client = builder().publicAddressesOnly().withTls(registry.host()).build()) {
            assertThatThrownBy(() -> client.repository(registry.reference("x")).resolve("latest")).isInstanceOf(RefusedException.class);
        }
        try (RegistryClient client = builder().publicAddressesOnly().build()) {
            assertThatThrownBy(() -> client.repository(registry.reference("x")).resolve("latest")).hasMessageContaining("is without TLS");
        }
        assertThat(registry.seen).isEmpty();
    }

    @Test
    void R_13_without_the_control_this_machine_is_connected_to() throws IOException {
        try (RegistryClient client = builder().withTls(registry.host()).build()) {
            client.repository(registry.reference("x")).resolve("latest");
        }
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void R_09_a_part_of_the_registrys_name_sees_no_credentials() throws IOException {
        CredentialSource known = host -> Optional.of(Credentials.of("me", "s3cret"));
        NetworkSettings.Resolver names =
                names(Map.of("registry.example", List.of("127.0.0.1"), "sub.registry.example", List.of("127.0.0.1")));
        registry.lie = exchange -> {
            boolean sub = exchange.getRequestHeaders().getFirst("Host").startsWith("sub.");
            if (!sub && exchange.getRequestHeaders().getFirst("Authorization") == null) {
                return LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
            }
            return !sub && LyingRegistry.redirect(exchange, 307,
                    "https://sub.registry.example:" + registry.port() + exchange.getRequestURI());
        };
        try (RegistryClient client = builder().credentials(known).addresses(ALL_BUT_THE_SECOND, names).build()) {
            pull(client, "registry.example:" + registry.port() + "/x", "sub");
        }
        assertThat(registry.seen).filteredOn(request -> request.headers().getFirst("Host").startsWith("sub."))
                .hasSize(4)
                .noneMatch(request -> request.headers().containsKey("Authorization"));
    }

    @Test
    void a_tunnel_serves_only_who_knows_its_secret() throws IOException {
        NetworkSettings network = new NetworkSettings(null, Map.of(), null, Map.of(), null, InetAddress::getAllByName);
        try (Tunnel tunnel = new Tunnel(network, Duration.ofSeconds(10))) {
            String target = "CONNECT 127.0.0.1:" + registry.port() + " HTTP/1.1\r\n";
            assertThat(said(tunnel, target + "\r\n")).startsWith("HTTP/1.1 407 ");
            assertThat(said(tunnel, target + "Proxy-Authorization: Dolium 00\r\n\r\n")).startsWith("HTTP/1.1 407 ");
            assertThat(said(tunnel, "GET http://127.0.0.1/ HTTP/1.1\r\nProxy-Authorization: " + tunnel.secret() + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 407 ");
            assertThat(said(tunnel, target + "Proxy-Authorization: " + tunnel.secret() + "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            assertThat(said(tunnel, "x".repeat(100_000))).isEmpty();
            assertThat(tunnel.address().getAddress().isLoopbackAddress()).isTrue();
        }
    }

    private static String said(Tunnel tunnel, String request) throws IOException {
        try (Socket socket = new Socket(tunnel.address().getAddress(), tunnel.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(13), StandardCharsets.ISO_8859_1);
        } catch (java.net.SocketException e) { // it was closed while it was written
            return "";
        }
    }
}
