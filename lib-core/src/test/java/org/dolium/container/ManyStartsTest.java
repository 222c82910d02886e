// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Row G-07: a thousand starts, of which three in ten fail at different places, leave nothing. LeakCheck looks at cgroups,
/// descriptors, threads, mounts, children and temporary files; the keys are counted here.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class ManyStartsTest extends SecurityRows {
    private static final int CYCLES = 1000 / Math.min(10, Slow.FACTOR);

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private ContainerBuilder tiny(String command) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command(command)
                .memory(MemorySize.mebibytes(64)).cpus(1).pids(20);
    }

    @Test
    void G_07_a_thousand_starts_with_failures_in_three_of_ten_leave_nothing() throws Exception {
        ContainerSpec good = tiny("true").build();
        List<ContainerSpec> bad = List.of(
                Variant.failing(tiny("true"), "sethostname\\(.*"),
                Variant.failing(tiny("true"), "write\\(.*|execve\\(.*"),
                tiny("/no/such/command").build(),
                tiny("true").name("taken").build(),
                tiny("true").limit(Limit.devices(List.of(DeviceRule.parse("b 99:* m")))).build());
        long keys = keys();
        int failed = 0;
        try (Container taken = tiny("cat").name("taken").start()) {
            for (int i = 0; i < CYCLES; i++) {
                boolean injected = i % 10 >= 7;
                failed += fails(injected ? bad.get(failed % bad.size()) : good) ? 1 : 0;
            }
            assertThat(taken.isAlive()).isTrue();
        }
        assertThat(failed).isEqualTo(CYCLES * 3 / 10);
        Await.that("no more keys than before", () -> keys() <= keys); // the kernel collects them when it has time
    }

    private static boolean fails(ContainerSpec spec) throws InterruptedException {
        try (Container container = spec.start()) {
            return !container.waitFor().success();
        } catch (IOException e) {
            return true;
        }
    }

    private static long keys() throws IOException {
        return Files.readAllLines(Path.of("/proc/keys")).size();
    }
}
