// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Any bytes are decompressed as the JDK does it or refused where it refuses them, in whatever pieces they come, in a second.
@Tag("fuzz")
class InflateFuzzTest {
    private static final List<String> WORDS = List.of(
            "\u0003\u0000", "K\u0004\u0000", "c`\u0080\u0001\u0000", "\u0001\u0001\u0000\u00fe\u00ff", "\u0000\u0000\u0000\u00ff\u00ff",
            "\u0005\u00c0", "\u00ed\u00bd", "\u0004\u0080", "\u0015\u00ca\u00b1", "\u00fc\u00ff\u00ff", "\u00ed\u00c1\u0001\r");

    @Test
    void any_bytes_mean_what_the_jdk_says() throws Exception {
        Fuzz.Report report = Fuzz.of("inflate", WORDS, 1000, 300 << 20).run(input -> {
            if (input.length > 1 << 16) {
                return "long";
            }
            Random random = new Random(java.util.Arrays.hashCode(input));
            boolean raw = InflateTest.check(input, 1 + random.nextInt(1 << random.nextInt(17)));
            byte[] deflated = InflateTest.deflated(random, input);
            assertThat(InflateTest.check(deflated, 1 + random.nextInt(1 << random.nextInt(17)))).isTrue();
            for (int i = 0; i <= random.nextInt(4); i++) {
                deflated[random.nextInt(deflated.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return raw + " " + InflateTest.check(deflated, 1 + random.nextInt(1 << random.nextInt(17)));
        });
        assertThat(report.runs()).isGreaterThan(20);
        assertThat(report.kinds()).containsKeys("false false", "false true");
    }
}
