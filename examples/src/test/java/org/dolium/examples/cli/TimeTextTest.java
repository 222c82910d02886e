// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Times as Docker takes and prints them.
class TimeTextTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "2026-01-02T13:23:37Z,          2026-01-02T13:23:37Z",
        "2026-01-02T13:23:37.5+02:00,   2026-01-02T11:23:37.500Z",
        "2026-01-02Z,                   2026-01-02T00:00:00Z",
        "2026-01-02T13:23Z,             2026-01-02T13:23:00Z",
        "0,                             1970-01-01T00:00:00Z",
        "1767360217,                    2026-01-02T13:23:37Z",
        "1767360217.25,                 2026-01-02T13:23:37.250Z",
        "1767360217.000000001,          2026-01-02T13:23:37.000000001Z",
        "42m,                           2026-11-22T11:18:00Z",
        "1h30m,                         2026-11-22T10:30:00Z",
        "1.5h,                          2026-11-22T10:30:00Z",
        "500ms,                         2026-11-22T11:59:59.500Z",
        "10s,                           2026-11-22T11:59:50Z"
    })
    void moments_are_read(String text, Instant moment) {
        assertThat(TimeText.parse("since", text, NOW)).isEqualTo(moment);
    }

    @Test
    void without_a_zone_it_is_the_one_here() {
        Instant there = LocalDateTime.parse("2026-01-02T13:00:00").atZone(ZoneId.systemDefault()).toInstant();
        assertThat(TimeText.parse("since", "2026-01-02T13", NOW)).isEqualTo(there);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "10 s", "2026-13-01", "2026-01-02 13:00", "-5m", "5d", "1.0000000001", "99999999999999"})
    void others_are_refused_in_dockers_words(String text) {
        assertThatThrownBy(() -> TimeText.parse("until", text, NOW)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("invalid value for \"until\": failed to parse value as time or duration: \"" + text + "\"");
    }

    @Test
    void they_are_printed_with_all_digits() {
        assertThat(TimeText.nanos(Instant.parse("2026-01-02T13:23:37Z"))).isEqualTo("2026-01-02T13:23:37.000000000Z");
        assertThat(TimeText.local(NOW)).matches("2026-11-2[123]T[0-9]{2}:[0-9]{2}:00\\.000000000(Z|[+-][0-9]{2}:[0-9]{2})");
        assertThat(TimeText.listed(NOW)).matches("2026-11-2[123] [0-9]{2}:[0-9]{2}:00 [+-][0-9]{4} \\S+");
    }
}
