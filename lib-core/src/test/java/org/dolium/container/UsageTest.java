// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Stats;
import org.dolium.testing.Allocation;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Figures through open files are those of [Container#stats], and cost no garbage.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class UsageTest {
    private static final int WARM_UP = 20_000;
    private static final int REFRESHES = 1000;

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private Container shell(String script) throws Exception {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .command("sh", "-c", script)
                .start();
    }

    @Test
    void it_is_what_the_stats_say() throws Exception {
        try (Container container = shell("read go; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ready; read line");
                Usage usage = container.usage()) {
            long early = usage.cpuNanos();
            container.process().outputWriter().append("go\n").flush();
            container.process().inputReader().readLine();
            String pid = Long.toString(container.pid());
            Await.that("it waits for the next line", () -> ProcessStatus.of(pid).field("State").startsWith("S"));
            assertThat(usage.refresh()).isTrue();
            Stats stats = container.stats();
            assertThat(usage.tasks()).isEqualTo(1).isEqualTo(stats.pids().current().orElseThrow());
            assertThat(usage.cpuNanos()).isGreaterThan(early).isEqualTo(stats.cpu().totalNanos().orElseThrow());
            // the kernel charges each processor up to 64 pages in advance, and takes them back at any time
            assertThat(usage.memoryBytes())
                    .isPositive()
                    .isCloseTo(stats.memory().currentBytes().orElseThrow(), within(1L << 20));
        }
    }

    @Test
    void it_ends_with_its_container_and_keeps_what_it_read() throws Exception {
        Usage usage;
        Usage closed;
        try (Container container = shell("sleep 100")) {
            usage = container.usage();
            closed = container.usage();
            closed.close();
            closed.close();
            assertThat(closed.refresh()).isFalse();
            assertThat(usage.refresh()).isTrue();
        }
        assertThat(usage.refresh()).isFalse();
        assertThat(usage.tasks()).isEqualTo(1);
        usage.close();
    }

    @Test
    void a_refresh_makes_no_object() throws Exception {
        try (Container container = shell("sleep 100")) {
            Usage usage = container.usage();
            refresh(usage, WARM_UP);
            Allocation.bytes();
            long before = Allocation.bytes();
            refresh(usage, REFRESHES);
            long own = Allocation.bytes() - before;
            for (int i = 0; i < 20 && own >= REFRESHES; i++) { // on a busy machine it is compiled later
                refresh(usage, WARM_UP);
                before = Allocation.bytes();
                refresh(usage, REFRESHES);
                own = Allocation.bytes() - before;
            }
            assertThat(own).as("bytes of " + REFRESHES + " refreshes").isLessThan(REFRESHES); // not one byte each
            before = Allocation.bytes();
            List<Stats> control = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                control.add(container.stats());
            }
            assertThat(Allocation.bytes() - before).isGreaterThan(1000L * control.size());
        }
    }

    private static void refresh(Usage usage, int times) {
        for (int i = 0; i < times; i++) {
            if (!usage.refresh() || usage.memoryBytes() < 0 || usage.cpuNanos() < 0 || usage.tasks() < 0) {
                throw new AssertionError("not read");
            }
        }
    }
}
