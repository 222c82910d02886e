// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dolium.oci.image.Descriptor;
import org.junit.jupiter.api.Test;

class VerifiedStreamTest {
    private static VerifiedStream stream(byte[] given, byte[] named) {
        return new VerifiedStream(new ByteArrayInputStream(given), Descriptor.of("a/b", named), "a test");
    }

    @Test
    void right_content_is_given_and_then_verified() throws IOException {
        byte[] bytes = {1, 2, 3};
        VerifiedStream stream = stream(bytes, bytes);
        assertThat(stream.readNBytes(2)).containsExactly(1, 2);
        assertThat(stream.isVerified()).isFalse();
        assertThat(stream.read()).isEqualTo(3);
        assertThat(stream.isVerified()).isTrue();
        assertThat(stream.read()).isEqualTo(-1);
    }

    @Test
    void nothing_is_verified_too() throws IOException {
        VerifiedStream stream = stream(new byte[0], new byte[0]);
        assertThat(stream.isVerified()).isFalse();
        assertThat(stream.readAllBytes()).isEmpty();
        assertThat(stream.isVerified()).isTrue();
        assertThatThrownBy(() -> stream(new byte[1], new byte[0]).read()).isInstanceOf(WrongContentException.class);
    }

    @Test
    void R_04_wrong_content_is_found_before_its_last_byte_is_given() throws IOException {
        byte[] named = new byte[1000];
        byte[] changed = named.clone();
        changed[0] = 1;
        for (byte[] given : new byte[][] {changed, Arrays.copyOf(named, 1001), Arrays.copyOf(named, 999), new byte[0]}) {
            VerifiedStream stream = stream(given, named);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThatThrownBy(() -> stream.transferTo(out))
                    .isInstanceOf(WrongContentException.class)
                    .hasMessageContaining("from a test is wrong: it");
            assertThat(out.size()).isLessThan(1000);
            assertThat(stream.isVerified()).isFalse();
            assertThatThrownBy(stream::read).isInstanceOf(WrongContentException.class);
        }
    }

    /// Whatever is read in whichever steps: all of the right bytes, or an error before the last one.
    @Property
    void no_change_is_missed(@ForAll long seed, @ForAll @IntRange(min = 1, max = 70_000) int size) throws IOException {
        Random random = new Random(seed);
        byte[] named = new byte[size];
        random.nextBytes(named);
        byte[] given = named.clone();
        given[random.nextInt(size)] ^= (byte) (1 << random.nextInt(8));
        assertThat(readInSteps(stream(named, named), random)).isEqualTo(size);
        assertThatThrownBy(() -> readInSteps(stream(given, named), random)).isInstanceOf(WrongContentException.class);
    }

    private static int readInSteps(VerifiedStream stream, Random random) throws IOException {
        int total = 0;
        byte[] buffer = new byte[20_000];
        for (int read = 0; read >= 0; read = stream.read(buffer, 0, 1 + random.nextInt(buffer.length))) {
            total += read;
        }
        assertThat(stream.isVerified()).isTrue();
        return total;
    }
}
