// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the names of tests say about rows and environments, and the table made of it.
class SecurityRowTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "P_01_a_mount|[1] R|P-01",
        "kernel_tests_as_a_plain_user|C_05_no_program(Mode)[1] [1] U1 as uid 12345|C-05",
        "x86_64_code|[1] x|-",
        "a_test|[1] P|-",
        "P_1_a|[2]|-"
    })
    void the_row_is_said_by_the_method_or_by_the_name_of_a_foreign_result(String method, String display, String row) {
        assertThat(SecurityRow.of(method, display).orElse(null)).isEqualTo(row);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[1] RU|true|RU",
        "[2] mode = U1|true|U1",
        "[1] R, 7|true|R",
        "[1] READ|true|R",
        "[1] x|false|any",
        "C_05_no(Mode)[1] [1] U1 as uid 12345|true|U1",
        "L_19_a() L_19_a() as uid 12345|true|U1",
        "P_15_a() P_15_a() in the machine kernel 6.12 init minimal|true|VM 6.12 R",
        "P_15_a() P_15_a() in the machine kernel 6.1 init systemd user 1000|true|VM 6.1 U",
        "P_01_a(Mode)[2] [2] RU in the machine kernel 6.1|true|VM 6.1 RU"
    })
    void the_environment_is_said_by_the_name(String display, boolean kernelTest, String environment) {
        assertThat(SecurityRow.environment(display, kernelTest)).isEqualTo(environment);
    }

    @Test
    void controls_are_known_by_their_names() {
        assertThat(SecurityRow.isControl("P_01_without_the_control_it_leaves", "")).isTrue();
        assertThat(SecurityRow.isControl("G_05_control_it_can", "")).isTrue();
        assertThat(SecurityRow.isControl("P_01_a_mount", "")).isFalse();
        assertThat(SecurityRow.isControl("as_a_plain_user", "P_01_without_the_control_x [1] U1 as uid 12345")).isTrue();
    }

    @Test
    void the_table_counts_results_in_each_environment_and_shows_rows_without_any() {
        String table = SecurityRowTable.of(
                List.of("P-01\tR\tpassed\tfalse", "P-01\tR\tfailed\tfalse", "P-01\tU1\tpassed\ttrue", "P-01\tU1\tskipped\tfalse"),
                List.of("| P-01 | one | x | y |".split("\\|", -1), "| P-02 | two | x | y |".split("\\|", -1)));
        assertThat(table).endsWith("""
                | row | threat | R | U1 | controls |
                |---|---|---|---|---|
                | P-01 | one | 1 !1 | 1 ~1 | 1 |
                | P-02 | two |  |  | 0 |
                """);
    }
}
