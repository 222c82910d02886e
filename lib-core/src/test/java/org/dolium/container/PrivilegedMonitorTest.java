// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Containers with a monitor, where that takes root.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(120)
class PrivilegedMonitorTest {
    @TempDir
    Path root;

    @TempDir
    Path directory;

    @BeforeEach
    void require_root() {
        MustRun.root();
    }

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(root))).command(command);
    }

    private ContainerBuilder shell(String script) throws Exception {
        return tiny("sh", "-c", script);
    }

    private MonitoredLaunch launch(ContainerBuilder builder) throws Exception {
        return MonitoredLaunch.of(builder, directory);
    }

    @Test
    void a_monitor_is_where_the_jvm_is_and_the_container_in_its_group() throws Exception {
        try (MonitoredLaunch launch = launch(tiny("sleep", "1000").memory(MemorySize.mebibytes(64))).released()) {
            String own = Files.readString(Path.of("/proc/self/cgroup"));
            assertThat(Path.of("/proc/" + launch.detached().monitorPid() + "/cgroup")).hasContent(own);
            assertThat(Files.readString(Path.of("/proc/" + launch.pid() + "/cgroup"))).isNotEqualTo(own);
        }
    }

    @Test
    void another_user_of_the_container_dies_with_the_monitor_too() throws Exception {
        try (MonitoredLaunch launch = launch(shell("id -u; exec sleep 1000").user("1000")).released()) {
            MonitorTest.await(() -> MonitorTest.text(launch, 1).equals("1000\n"));
            MonitorTest.kill(launch.detached().monitorPid());
            MonitorTest.await(launch::ended);
        }
    }

    /// A record of which only a part could be written is taken back.
    @Test
    void a_small_disk_has_whole_records_only() throws Exception {
        command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString());
        try {
            try (MonitoredLaunch launch = launch(shell("seq 1 60000; exit 3")).released()) {
                launch.awaitEnd();
                MonitoredLaunch.Status status = launch.status();
                assertThat(status.waitStatus()).isEqualTo(3 << 8);
                List<MonitoredLaunch.Entry> entries = MonitoredLaunch.entries(directory.resolve("log"));
                long read = entries.stream().mapToLong(entry -> entry.bytes().length).sum();
                assertThat(entries).isNotEmpty();
                assertThat(Files.size(directory.resolve("log"))).isEqualTo(read + 24L * entries.size());
                assertThat(status.lost()).isPositive();
                assertThat(read + status.lost()).isEqualTo(MonitorTest.numbers(1, 60_000).length());
            }
        } finally {
            command("umount", directory.toString());
        }
    }

    private static void command(String... words) throws Exception {
        assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
    }
}
