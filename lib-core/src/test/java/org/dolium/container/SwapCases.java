// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.host.Swap;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Run by [ContainersVmTest]: limits of memory on a machine that has swap.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class SwapCases {
    private static final Duration LIMIT = Slow.seconds(30);
    private static final String EATER = "x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 25000000 ] && break; done; echo done";

    @BeforeEach
    void swap() {
        assertThat(Swap.here()).isTrue();
    }

    private static ContainerBuilder eater() {
        return ContainerBuilder.create().command("sh", "-c", EATER).memory(MemorySize.mebibytes(24));
    }

    @Test
    void a_program_is_killed_when_memory_and_the_swap_that_it_may_use_are_full() throws Exception {
        Result result = eater().swap(MemorySize.mebibytes(16)).run(LIMIT);
        assertThat(result.status()).isInstanceOf(ExitStatus.OutOfMemory.class);
    }

    @Test
    void without_a_word_about_swap_it_may_use_none() throws Exception {
        assertThat(eater().run(LIMIT).status()).isInstanceOf(ExitStatus.OutOfMemory.class);
    }

    @Test
    void control_with_enough_swap_it_lives() throws Exception {
        assertThat(eater().limit(Limit.swapMax(400 << 20)).run(LIMIT).stdout()).isEqualTo("done\n");
    }
}
