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

    /// A child that is being made has copies of the descriptors of the others, and keeps them open for a moment.
    @Test
    void many_at_a_time_leave_no_descriptor() throws Exception {
        assertThat(ThousandContainers.measure(400, 16).count()).isEqualTo(400);
    }

    @Test
    void the_figure_is_count_by_time() {
        ThousandContainers.Throughput throughput =
                new ThousandContainers.Throughput(1000, 8, Duration.ofMillis(1250));
        assertThat(throughput).hasToString("1000 containers, 8 at a time, in 1.25 s: 800 per second");
    }
}
