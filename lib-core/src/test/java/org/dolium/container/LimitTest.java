// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Each limit bites, and the same program without the limit lives.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LimitTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String EATER = "x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 50000000 ] && break; done; echo done";

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private static ContainerBuilder shell(String script) {
        return ContainerBuilder.create().command("sh", "-c", script);
    }

    @Test
    void a_program_that_needs_more_memory_than_it_may_is_killed_and_that_is_told() throws Exception {
        Result result = shell(EATER).memory(MemorySize.mebibytes(24)).run(LIMIT);
        assertThat(result.status()).isInstanceOf(ExitStatus.OutOfMemory.class);
        assertThat(result.oomKills()).isPositive();
        assertThat(result.peakMemory().orElseThrow().bytes()).isBetween(20L << 20, 24L << 20);
    }

    @Test
    void control_without_the_limit_it_lives() throws Exception {
        Result result = shell(EATER).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("done\n");
        assertThat(result.oomKills()).isZero();
        assertThat(result.peakMemory().orElseThrow().bytes()).isGreaterThan(50L << 20);
    }

    @Test
    void a_spinner_gets_the_processor_time_that_it_may() throws Exception {
        Result result = shell("while :; do :; done").cpus(0.5).run(Duration.ofSeconds(2));
        assertThat(result.cpuTime()).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
    }
}
