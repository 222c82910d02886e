// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names and numbers of signals.
class SignalTest {
    @ParameterizedTest
    @CsvSource({
        "TERM, 15", "SIGTERM, 15", "sigterm, 15", "15, 15", "09, 9", "RTMIN, 34", "SIGRTMIN+3, 37", "rtmin+30, 64", "RTMAX, 64",
        "SIGRTMAX-30, 34", "RTMIN+0, 34", "64, 64"
    })
    void names_and_numbers_are_read(String text, int number) {
        assertThat(Signal.parse(text)).isEqualTo(new Signal(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "0", "65", "-9", "+9", "\u0669", "9 ", " 9", "SIG", "SIGSIGTERM", "TERM\n", "TERM\0", "RTMIN-1", "RTMIN+31", "RTMIN+",
        "RTMIN+-1", "RTMIN+٣", "RTMAX+1", "RTMAX-31", "RTMIN3", "SIG9", "KILL;reboot", "015", "1e1"
    })
    void what_is_none_is_refused(String text) {
        assertThatThrownBy(() -> Signal.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_message_shows_nothing_that_a_terminal_acts_on() {
        assertThatThrownBy(() -> Signal.parse("\u001b[2J" + "x".repeat(1000)))
                .hasMessageStartingWith("unknown signal '?[2Jxxx").hasMessageEndingWith("...'");
    }
}
