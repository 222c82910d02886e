// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
    private static final Map<String, String[]> NAMES = Map.of(
            "registry.example", new String[] {"203.0.113.1"}, "cdn.example", new String[] {"203.0.113.2", "2001:db8::2"},
            "evil.example", new String[] {"203.0.113.3", "127.0.0.1"}, "metadata.example", new String[] {"169.254.169.254"},
            "mapped.example", new String[] {"::ffff:127.0.0.1"}, "local.example", new String[] {"127.0.0.1"});

    private static InetAddress[] resolve(URI uri) throws UnknownHostException {
        String host = uri.getHost();
        String[] known = NAMES.getOrDefault(host, new String[] {host});
        InetAddress[] addresses = new InetAddress[known.length];
        for (int i = 0; i < known.length; i++) {
            addresses[i] = InetAddress.getByName(known[i]);
        }
        return addresses;
    }

    private static URI follow(String registry, boolean plain, String to) throws IOException {
        URI base = URI.create(registry + "/v2/");
        return new AddressRules(base, plain, AddressRulesTest::resolve).follow(base, to);
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.example, /x, https://registry.example/x", "https://registry.example, x?y=z, https://registry.example/v2/x?y=z",
        "https://registry.example, https://cdn.example/x, https://cdn.example/x", "http://127.0.0.1:5, http://127.0.0.1:6/, http://127.0.0.1:6/",
        "http://127.0.0.1:5, https://cdn.example/, https://cdn.example/", "https://registry.example, //cdn.example/, https://cdn.example/",
        "http://localhost:5, http://[::1]:6/, http://[::1]:6/",
    })
    void a_registry_may_lead_elsewhere(String registry, String to, String expected) throws IOException {
        assertThat(follow(registry, registry.startsWith("http:"), to)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://registry.example/", "http://cdn.example/", "https://evil.example/", "https://metadata.example/", "https://mapped.example/",
        "https://local.example/", "https://127.0.0.1/", "https://2130706433/", "https://0177.1/", "https://localhost/", "https://[::1]/",
        "https://[::ffff:169.254.169.254]/", "https://u@cdn.example/", "file:///", "https:opaque", "https:///x", "HTTP://cdn.example/"
    })
    void R_13_no_way_leads_from_a_public_registry_inside(String to) {
        assertThatThrownBy(() -> follow("https://registry.example", false, to)).isInstanceOf(RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://cdn.example/", "https://metadata.example/", "https://169.254.169.254/", "http://registry.example/"})
    void R_13_no_way_leads_from_a_registry_here_to_the_link(String to) {
        assertThatThrownBy(() -> follow("http://127.0.0.1:5000", true, to)).isInstanceOf(RefusedException.class);
    }

    @Test
    void R_15_no_way_leads_out_of_tls() {
        assertThatThrownBy(() -> follow("https://localhost:5000", false, "http://localhost:5000/")).hasMessageContaining("without TLS");
        assertThatThrownBy(() -> follow("https://localhost:5000", true, "http://localhost:5001/")).hasMessageContaining("without TLS");
    }

    @Test
    void behind_a_proxy_names_are_not_resolved() throws IOException {
        URI base = URI.create("https://registry.example/v2/");
        HttpProxy proxy = HttpProxy.of(URI.create("http://proxy.example:3128"));
        NetworkSettings network = new NetworkSettings(null, Map.of(), null, Map.of("https", proxy, "http", proxy), null, InetAddress::getAllByName);
        AddressRules rules = new AddressRules(base, false, network::addresses);
        assertThat(rules.follow(base, "https://unknown.invalid/x")).hasToString("https://unknown.invalid/x");
        assertThatThrownBy(() -> rules.follow(base, "https://127.0.0.1/x")).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> rules.follow(base, "http://unknown.invalid/x")).isInstanceOf(RefusedException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.example, true", "https://REGISTRY.example:443/x, true", "HTTPS://registry.example/, true",
        "http://registry.example, false", "https://registry.example:444, false", "https://sub.registry.example, false",
        "https://example, false", "https://registry.example.evil, false", "https://registry.example., false"
    })
    void R_09_only_the_same_scheme_host_and_port_is_the_registry(String address, boolean home) {
        URI base = URI.create("https://registry.example/v2/");
        assertThat(new AddressRules(base, false, AddressRulesTest::resolve).isHome(URI.create(address))).isEqualTo(home);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.1",
        "192.168.1.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
        "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2001::1", "2001:db8::1",
        "fec0::1", "3fff::1"
    })
    void R_13_these_addresses_are_not_public(String address) throws UnknownHostException {
        assertThat(AddressRange.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "128.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1",
        "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2001:200::1"
    })
    void R_13_these_addresses_are_public(String address) throws UnknownHostException {
        assertThat(AddressRange.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void errors_show_no_queries() {
        assertThatThrownBy(() -> follow("https://registry.example", false, "https://evil.example/x?signature=secret"))
                .hasMessageContaining("https://evil.example/x,")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
    }
}
