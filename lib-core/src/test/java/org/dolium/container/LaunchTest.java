// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LaunchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command);
    }

    @Test
    void a_command_runs_in_a_directory_and_its_output_is_collected() throws Exception {
        Result result = tiny("sh", "-c", "echo out; echo err >&2; hostname; exit 7").run(LIMIT);
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(7));
        assertThat(result.stdout()).isEqualTo("out\ndolium\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void the_host_is_the_default_root_and_read_only() throws Exception {
        Result result = ContainerBuilder.create()
                .command("sh", "-c", "id -u; touch /dolium-was-here; touch /tmp/mine && ls /tmp")
                .run(LIMIT);
        assertThat(result.stdout()).isEqualTo("0\nmine\n");
        assertThat(result.stderr()).contains("Read-only file system");
    }

    @Test
    void a_container_that_runs_too_long_is_killed() throws Exception {
        Result result = tiny("sleep", "100").run(Duration.ofMillis(300));
        assertThat(result.status()).isEqualTo(new ExitStatus.TimedOut(Duration.ofMillis(300)));
    }

    @Test
    void a_running_container_is_a_process() throws Exception {
        try (Container container = tiny("cat").start()) {
            Process process = container.process();
            assertThat(process.isAlive()).isTrue();
            process.outputWriter().append("hello\n").close();
            assertThat(process.inputReader().readLine()).isEqualTo("hello");
            assertThat(process.waitFor()).isZero();
            assertThat(container.exitStatus().success()).isTrue();
        }
    }

    @Test
    void close_kills_what_still_runs() throws Exception {
        Container container = tiny("sleep", "100").start();
        container.close();
        assertThat(container.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }
}
