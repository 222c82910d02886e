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

    private static InetAddress[] resolve(String host) throws UnknownHostException {
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
        AddressRules rules = new AddressRules(base, false, AddressRules::literal);
        assertThat(rules.follow(base, "https://unknown.invalid/x")).hasToString("https://unknown.invalid/x");
        assertThatThrownBy(() -> rules.follow(base, "https://127.0.0.1/x")).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> rules.follow(base, "http://unknown.invalid/x")).isInstanceOf(RefusedException.class);
    }

    @Test
    void errors_show_no_queries() {
        assertThatThrownBy(() -> follow("https://registry.example", false, "https://evil.example/x?signature=secret"))
                .hasMessageContaining("https://evil.example/x,")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
    }
}
