// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Fuzzing finds errors that are there.
@Tag("fuzz")
class FuzzTest {
    private static byte[] sink = new byte[0];

    private static Fuzz fuzz() {
        return Fuzz.of("control", List.of("magic"), 300, 1 << 20);
    }

    /// Three words after one another are only found by keeping what has two of them.
    @Test
    void J_09_control_an_error_behind_three_conditions_is_found_and_written_down() {
        assertThatThrownBy(() -> fuzz().run(input -> {
                    String text = new String(input, StandardCharsets.ISO_8859_1);
                    if (text.contains("magicmagicmagic")) {
                        throw new IllegalStateException("found");
                    }
                    return text.contains("magicmagic") ? "two" : text.contains("magic") ? "one" : "none";
                }))
                .isInstanceOf(AssertionError.class)
                .hasRootCauseMessage("found")
                .satisfies(e -> {
                    Matcher file = Pattern.compile("/\\S+/finding-\\w+").matcher(e.getMessage());
                    assertThat(file.find()).isTrue();
                    assertThat(Files.readString(Path.of(file.group()), StandardCharsets.ISO_8859_1)).contains("magicmagicmagic");
                });
    }

    @Test
    void an_input_that_takes_much_memory_or_time_is_found() {
        assertThatThrownBy(() -> fuzz().run(input -> {
                    sink = new byte[input.length > 20 ? 2 << 20 : 0];
                    return "large";
                }))
                .hasMessageContaining("are wanted");
        int[] calls = new int[1];
        assertThatThrownBy(() -> fuzz().run(input -> {
                    long number = 1;
                    long most = ++calls[0] > 1000 ? 2_000_000_000L : 0;
                    for (long i = 0; i < most; i++) {
                        number = number * 6364136223846793005L + 1442695040888963407L;
                    }
                    return number == 0 ? "zero" : "slow";
                }))
                .hasMessageContaining("are wanted");
    }

    @Test
    void without_an_error_the_run_ends_with_what_it_saw() throws InterruptedException {
        Fuzz.Report report = fuzz().run(input -> input.length > 5 ? "long" : "short");
        assertThat(report.runs()).isEqualTo(report.kinds().values().stream().mapToLong(Long::longValue).sum()).isGreaterThan(100);
        assertThat(report.kinds()).containsOnlyKeys("long", "short");
    }
}
