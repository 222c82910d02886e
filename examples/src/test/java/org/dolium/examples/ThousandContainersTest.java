// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ThousandContainersTest {
    @Test
    void it_prints_how_many_there_are_in_a_second() throws Exception {
        assertThat(Printed.by(ThousandContainers::main, "50").lines())
                .hasSize(2)
                .allMatch(line -> line.matches("50 containers, [18] at a time, in \\d+\\.\\d\\d s: \\d+ per second"));
    }

    @Test
    void the_figure_is_count_by_time() {
        ThousandContainers.Throughput throughput =
                new ThousandContainers.Throughput(1000, 8, Duration.ofMillis(1250));
        assertThat(throughput).hasToString("1000 containers, 8 at a time, in 1.25 s: 800 per second");
    }
}
