// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.capability.Capability;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.OsRoots;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A Debian whose process 1 is sysvinit.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SysvinitTest {
    private static final Duration LONG = Slow.seconds(120);

    @TempDir
    Path directory;

    private Path out;

    @BeforeEach
    void make_a_place_for_the_log() throws Exception {
        MustRun.root();
        out = Files.createDirectory(directory.resolve("out"));
    }

    private ContainerBuilder debian() throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(OsRoots.sysvinit())).osContainer()
                .userNamespace(SystemdTest.PRIVATE).bind(out, "/out");
    }

    private void await(Container container, String runlevel) throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!output(container, "runlevel").equals("N " + runlevel) && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        while (log().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
    }

    private static String output(Container container, String... words) throws Exception {
        return container.exec(words).run(LONG).stdout().strip();
    }

    private List<String> log() throws Exception {
        Path log = out.resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void it_boots_runs_its_services_and_shuts_them_down(boolean privateUsers) throws Exception {
        ContainerBuilder builder = debian();
        if (!privateUsers) {
            builder.userNamespace(UserNamespace.host());
        }
        try (Container container = builder.start()) {
            await(container, "2");
            assertThat(log()).containsExactly("diary start in runlevel 2");
            assertThat(output(container, "cat", "/proc/1/comm")).isEqualTo("init");

            Stopped stopped = container.stop(LONG);

            assertThat(stopped).isEqualTo(new Stopped(new ExitStatus.Signalled(Signal.HUP, false), false));
            assertThat(log()).containsExactly("diary start in runlevel 2", "diary stop in runlevel 6");
        }
    }

    @Test
    void what_it_decides_itself_ends_the_container_too() throws Exception {
        try (Container container = debian().start()) {
            await(container, "2");
            container.exec("shutdown", "-h", "now").run(LONG);
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Signalled(Signal.INT, false));
            assertThat(log()).containsExactly("diary start in runlevel 2", "diary stop in runlevel 0");
        }
    }

    @Test
    void it_has_one_capability_more_unless_that_was_taken_away() throws Exception {
        assertThat(debian().explain()).contains("CAP_KILL|CAP_SETGID").contains("CAP_SYS_BOOT|");
        assertThat(debian().dropCapabilities(Capability.SYS_BOOT).explain()).doesNotContain("CAP_SYS_BOOT|");
    }
}
