// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ChallengeTest {
    @Test
    void challenges_of_registries_are_read() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"")))
                .containsExactly(new Challenge(
                        "bearer", Map.of("realm", "https://auth.docker.io/token", "service", "registry.docker.io")));
        assertThat(Challenge.parse(List.of("Basic realm=x, Bearer REALM = \"a\\\"b\" , scope=\"c,d\"", "Negotiate")))
                .containsExactly(
                        new Challenge("basic", Map.of("realm", "x")),
                        new Challenge("bearer", Map.of("realm", "a\"b", "scope", "c,d")),
                        new Challenge("negotiate", Map.of()));
    }

    @Test
    void what_can_not_be_read_is_left_out() {
        for (String header : List.of("", ",", "=", "Bearer realm=\"x", "Bearer realm=a, realm=b", "\"", "x".repeat(10_000))) {
            assertThat(Challenge.parse(List.of(header))).as(header).isEmpty();
        }
    }

    @Property
    void any_header_is_read_to_its_end(@ForAll @StringLength(max = 60) @Chars({'B', 'a', ' ', ',', '=', '"', '\\', 'é', '\t'}) String text) {
        assertThat(Challenge.parse(List.of(text))).hasSizeLessThan(61);
    }
}
