// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    /// The value of FIPS 180-4's example "abc".
    private static final String ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String ABC_512 = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    @Test
    void a_digest_is_that_of_the_bytes() {
        byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
        assertThat(Digest.of(abc)).hasToString(ABC);
        assertThat(Digest.parse(ABC).matches(abc)).isTrue();
        assertThat(Digest.parse(ABC_512).matches(abc)).isTrue();
        assertThat(Digest.parse(ABC).matches(new byte[] {'a', 'b', 'd'})).isFalse();
        assertThat(Digest.parse(ABC)).isEqualTo(Digest.of(abc)).isNotEqualTo(Digest.of(new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "sha256", "sha256:", ":", "sha256:../../../../etc/passwd", "sha256:ba78", "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha1:a9993e364706816aba3e25717850c26c9cd0d89d", "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\n",
        "sha256:sha256:7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:٠a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha384:00", "../x:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    })
    void R_03_what_is_no_digest_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).matches("[ -~]+"));
    }
}
