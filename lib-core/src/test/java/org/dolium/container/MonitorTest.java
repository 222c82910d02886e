// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.dolium.linux.Errno;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Containers that a monitor watches: what it writes, and who dies with whom.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(120)
class MonitorTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;

    @TempDir
    Path root;

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(root))).command(command);
    }

    private ContainerBuilder shell(String script) throws Exception {
        return tiny("sh", "-c", script);
    }

    private MonitoredLaunch launch(ContainerBuilder builder) throws Exception {
        return MonitoredLaunch.of(builder, directory);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + MonitoredLaunch.LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Test
    void a_log_has_what_both_streams_said_and_when() throws Exception {
        Instant before = Instant.now();
        try (MonitoredLaunch launch = launch(shell("echo out; echo err >&2; exit 7")).released()) {
            launch.awaitEnd();
            Instant after = Instant.now();
            List<MonitoredLaunch.Entry> entries = MonitoredLaunch.entries(directory.resolve("log"));
            assertThat(entries).extracting(MonitoredLaunch.Entry::stream).containsExactlyInAnyOrder(1, 2);
            assertThat(launch.text(1)).isEqualTo("out\n");
            assertThat(launch.text(2)).isEqualTo("err\n");
            for (MonitoredLaunch.Entry entry : entries) {
                assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isBetween(before, after);
            }
            MonitoredLaunch.Status status = launch.status();
            assertThat(status.waitStatus()).isEqualTo(7 << 8);
            assertThat(status.lost()).isZero();
            assertThat(Instant.ofEpochSecond(status.seconds(), status.nanos())).isBetween(before, after);
            assertThat(status.residentKib()).isBetween(1L, 100_000L);
            assertThat(directory.resolve("status.new")).doesNotExist();
        }
    }
}
