// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class QuotingProperties {
    private static final int LIMIT = 4096;

    @Property
    void what_is_quoted_can_be_read_back(@ForAll @Size(max = 200) byte[] value) {
        assertThat(unquote(Quoting.quote(value))).isEqualTo(value);
    }

    @Property
    void a_quoted_text_is_one_line_of_printable_ascii(@ForAll byte[] value) {
        assertThat(Quoting.quote(value).chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Property
    void only_the_quotes_at_the_ends_are_unescaped(@ForAll("texts") String text) {
        String quoted = Quoting.quote(text.getBytes(StandardCharsets.UTF_8));
        assertThat(quoted).startsWith("\"").matches("\"([^\"\\\\]|\\\\[n\"\\\\]|\\\\x[0-9a-f]{2})*\"(\\.\\.\\.)?");
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings(), Arbitraries.strings().withChars("\"\\nx\n\0é").ofMaxLength(9));
    }

    @Example
    void a_long_text_is_cut_and_says_so() {
        byte[] value = new byte[LIMIT + 1];
        Arrays.fill(value, (byte) 'a');
        assertThat(Quoting.quote(value)).isEqualTo('"' + "a".repeat(LIMIT) + "\"...");
        assertThat(Quoting.quote(Arrays.copyOf(value, LIMIT))).isEqualTo('"' + "a".repeat(LIMIT) + '"');
    }

    private static byte[] unquote(String quoted) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                out.write(c);
                continue;
            }
            char kind = quoted.charAt(++i);
            if (kind == 'x') {
                out.write(Integer.parseInt(quoted.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.write(kind == 'n' ? '\n' : kind);
            }
        }
        return out.toByteArray();
    }
}
