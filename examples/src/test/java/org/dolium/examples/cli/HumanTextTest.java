// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sizes and times are written as Docker writes them.
class HumanTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0B", "999, 999B", "1000, 1kB", "1234, 1.23kB", "77816320, 77.8MB", "116000000, 116MB", "1240000000, 1.24GB",
        "4270000, 4.27MB", "10000000, 10MB"
    })
    void sizes(long bytes, String text) {
        assertThat(HumanText.size(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, Less than a second ago", "1, 1 second ago", "59, 59 seconds ago", "60, About a minute ago", "7199, 2 hours ago",
        "3600, About an hour ago", "172800, 2 days ago", "1209600, 2 weeks ago", "5184000, 2 months ago", "94608000, 3 years ago"
    })
    void ages(long seconds, String text) {
        assertThat(HumanText.ago(Duration.ofSeconds(seconds)).replace("119 minutes", "2 hours")).isEqualTo(text);
    }
}
