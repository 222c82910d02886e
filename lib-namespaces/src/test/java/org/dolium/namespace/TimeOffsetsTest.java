// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.plan.PlanBuilder;
import org.junit.jupiter.api.Test;

class TimeOffsetsTest {
    @Test
    void offsets_are_written_before_the_namespace_is_entered() {
        PlanBuilder plan = new PlanBuilder();
        new TimeOffsets(Duration.ofSeconds(60), Duration.ofDays(1)).lower(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = unshare(CLONE_NEWTIME)
                $1 = openat(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY|O_CLOEXEC)
                $2 = write($1, "monotonic 60 0\\nboottime 86400 0\\n", 32) must be 32
                $3 = close($1)
                """);
    }

    /// The kernel wants nanoseconds between 0 and 999,999,999, also of a negative offset.
    @Test
    void a_negative_offset_has_positive_nanoseconds() {
        assertThat(new TimeOffsets(Duration.ofMillis(-1500), Duration.ZERO).toProcText())
                .isEqualTo("monotonic -2 500000000\nboottime 0 0\n");
    }
}
