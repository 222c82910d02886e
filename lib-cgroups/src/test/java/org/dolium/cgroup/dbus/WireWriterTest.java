// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The bytes are those of the D-Bus specification's examples and rules, counted by hand.
class WireWriterTest {
    private static String hex(WireWriter writer) {
        return HexFormat.ofDelimiter(" ").formatHex(writer.bytes());
    }

    @Test
    void numbers_are_little_endian_and_aligned_to_their_size() {
        WireWriter writer = new WireWriter().u8(1).u32(0x89ABCDEFL).u8(2).u64(3).bool(true).i32(-2);
        assertThat(hex(writer))
                .isEqualTo("01 00 00 00 ef cd ab 89 02 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 fe ff ff ff");
    }

    @Test
    void texts_have_a_length_and_a_nul() {
        WireWriter writer = new WireWriter().string("foo").objectPath("/a").signature("a(sv)").string("é");
        assertThat(hex(writer))
                .isEqualTo("03 00 00 00 66 6f 6f 00 02 00 00 00 2f 61 00 05 61 28 73 76 29 00 00 00 02 00 00 00 c3 a9 00");
    }

    /// The padding before the first element does not count.
    @Test
    void the_length_of_an_array_is_that_of_its_elements() {
        WireWriter writer = new WireWriter();
        int array = writer.beginArray(8);
        writer.u64(5).endArray(array, 8);
        assertThat(hex(writer)).isEqualTo("08 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00");
    }

    @Test
    void an_empty_array_of_structures_is_padded_all_the_same() {
        WireWriter writer = new WireWriter();
        writer.endArray(writer.beginArray(8), 8);
        assertThat(hex(writer)).isEqualTo("00 00 00 00 00 00 00 00");
    }

    @Test
    void a_call_is_a_header_and_a_body() {
        MethodCall call = new MethodCall("a.b", "/", "i.f", "M", "u", new WireWriter().u32(7));
        assertThat(HexFormat.ofDelimiter(" ").formatHex(call.bytes(2, true))).isEqualTo("""
                6c 01 00 01 04 00 00 00 02 00 00 00 45 00 00 00
                01 01 6f 00 01 00 00 00 2f 00 00 00 00 00 00 00
                02 01 73 00 03 00 00 00 69 2e 66 00 00 00 00 00
                03 01 73 00 01 00 00 00 4d 00 00 00 00 00 00 00
                06 01 73 00 03 00 00 00 61 2e 62 00 00 00 00 00
                08 01 67 00 01 75 00 00
                07 00 00 00""".replace('\n', ' ').replace("45 00 00 00 ", "47 00 00 00 "));
    }

    @Test
    void a_single_peer_is_told_no_destination() {
        MethodCall call = new MethodCall("a.b", "/", "i.f", "M", "", new WireWriter());
        assertThat(new String(call.bytes(1, false), java.nio.charset.StandardCharsets.ISO_8859_1)).doesNotContain("a.b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "\uD800", "x\uDC00"})
    void texts_that_d_bus_can_not_carry_are_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().string(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "//", "/a/", "/a//b", "/a-b", "/é", "/a b"})
    void malformed_object_paths_are_refused(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().objectPath(path));
    }

    @Test
    void numbers_that_do_not_fit_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().u32(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().u32(1L << 32));
        assertThatIllegalArgumentException().isThrownBy(() -> new WireWriter().signature("s".repeat(256)));
    }
}
