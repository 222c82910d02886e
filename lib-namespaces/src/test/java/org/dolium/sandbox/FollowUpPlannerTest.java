// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.dolium.elf.ElfImage;
import org.dolium.linux.Arch;
import org.dolium.testing.Golden;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Whole plans of processes that wait for the end of a container. How to write the golden files anew is told at [Golden].
class FollowUpPlannerTest {
    private static FollowUp followUp(Duration delay, boolean watches, @Nullable Duration limit, String program) {
        return new FollowUp(delay, watches, limit, Duration.ZERO, List.of(bytes(program), bytes("a word")), List.of(bytes("HOME=/root")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void golden_plan_of_one_that_waits_for_an_end() throws IOException {
        Golden.check("follow-up-end", FollowUpPlanner.plan(followUp(Duration.ZERO, true, null, "/bin/after")).toString());
    }

    @Test
    void golden_plan_of_one_that_kills_after_a_time() throws IOException {
        FollowUp followUp = new FollowUp(Duration.ZERO, true, Duration.ofMillis(1500), Duration.ofSeconds(1), List.of(bytes("/bin/after")), List.of());
        Golden.check("follow-up-limit", FollowUpPlanner.plan(followUp).toString());
    }

    @Test
    void golden_plan_of_one_that_waits_for_a_time() throws IOException {
        Golden.check("follow-up-delay", FollowUpPlanner.plan(followUp(Duration.ofSeconds(60), false, null, "/bin/after")).toString());
    }

    /// Its memory is there as long as the container is.
    @Test
    void its_image_is_small() {
        for (Arch arch : Arch.values()) {
            int size = ElfImage.compile(FollowUpPlanner.plan(followUp(Duration.ofDays(1), true, Duration.ofDays(1), "/bin/after")), arch).length;
            assertThat(size).as("%s", arch).isLessThan(8192);
        }
    }

    @Test
    void what_can_not_be_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> followUp(Duration.ZERO, true, null, "after")).withMessageContaining("absolute");
        assertThatIllegalArgumentException().isThrownBy(() -> followUp(Duration.ofSeconds(-1), true, null, "/a")).withMessageContaining("negative");
        assertThatIllegalArgumentException().isThrownBy(() -> followUp(Duration.ZERO, true, Duration.ZERO, "/a")).withMessageContaining("limit");
        assertThatIllegalArgumentException().isThrownBy(() -> followUp(Duration.ZERO, false, Duration.ofSeconds(1), "/a")).withMessageContaining("limit");
        assertThatIllegalArgumentException().isThrownBy(() -> FollowUpPlanner.plan(followUp(Duration.ZERO, true, null, "/a\0b")))
                .withMessageContaining("NUL");
    }
}
