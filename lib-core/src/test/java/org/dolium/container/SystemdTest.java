// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.Await;
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

/// A Debian whose process 1 is systemd.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SystemdTest {
    static final UserNamespace PRIVATE =
            UserNamespace.isolated(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:100000:65536"));
    private static final Duration LONG = Slow.seconds(120);
    private static final String FIRST = """
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/sh -c 'echo the first one is up; echo first up >>/out/log'
            ExecStop=/bin/sh -c 'echo first down >>/out/log'
            """;
    private static final String SECOND = """
            [Unit]
            Requires=first.service
            After=first.service
            [Service]
            Type=exec
            User=daemon
            MemoryMax=64M
            TasksMax=10
            ExecStart=/bin/sleep infinity
            ExecStartPost=+/bin/sh -c 'echo second up >>/out/log'
            ExecStopPost=+/bin/sh -c 'echo second down >>/out/log'
            """;

    @TempDir
    Path directory;

    private Path out;

    @BeforeEach
    void make_a_place_for_the_log() throws Exception {
        MustRun.root();
        out = Files.createDirectory(directory.resolve("out"));
    }

    private ContainerBuilder debian(boolean privateUsers) throws Exception {
        return debian(out).userNamespace(privateUsers ? PRIVATE : UserNamespace.host());
    }

    /// @param out where its services write what they do
    static ContainerBuilder debian(Path out) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(OsRoots.systemd())).osContainer()
                .file("/etc/systemd/system/first.service", FIRST)
                .file("/etc/systemd/system/second.service", SECOND)
                .file("/etc/systemd/system/multi-user.target.d/ours.conf", "[Unit]\nWants=first.service second.service\n")
                .bind(out, "/out");
    }

    /// Waits until it has booted. Its manager can't be asked before it listens.
    private static void booted(Container container) throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        String state = output(container, "systemctl", "is-system-running");
        while (!state.matches("running|degraded|maintenance") && System.nanoTime() < deadline) {
            Thread.sleep(50);
            state = output(container, "systemctl", "is-system-running");
        }
        assertThat(state).as(() -> failed(container)).isEqualTo("running");
    }

    private static String failed(Container container) {
        try {
            return output(container, "systemctl", "--no-pager", "--failed") + "\n"
                    + output(container, "journalctl", "--no-pager", "-p", "warning");
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static String output(Container container, String... words) throws Exception {
        return container.exec(words).run(LONG).stdout().strip();
    }

    private List<String> log() throws Exception {
        return Files.readAllLines(out.resolve("log"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void it_boots_runs_its_services_and_shuts_them_down_in_order(boolean privateUsers) throws Exception {
        try (Container container = debian(privateUsers).start()) {
            booted(container);
            assertThat(log()).containsExactly("first up", "second up");
            assertThat(output(container, "cat", "/proc/1/comm")).isEqualTo("systemd");
            assertThat(output(container, "systemctl", "list-units", "--no-pager", "--no-legend", "--plain", "--type=service",
                    "--state=running,exited")).contains("second.service", "first.service", "systemd-journald.service", "dbus.service");
            Await.that("the journal has it", () ->
                    output(container, "journalctl", "--no-pager", "-o", "cat", "-u", "first.service").contains("the first one is up"));
            assertThat(output(container, "ps", "-o", "user=", "-C", "sleep")).isEqualTo("daemon");

            Stopped stopped = container.stop(LONG);

            assertThat(stopped).isEqualTo(new Stopped(new ExitStatus.Exited(0), false));
            assertThat(log()).containsExactly("first up", "second up", "second down", "first down");
        }
    }

    @Test
    void its_machine_id_is_the_one_that_it_was_given() throws Exception {
        try (Container container = debian(true).start()) {
            booted(container);
            String given = output(container, "printenv", "container_uuid").replace("-", "");
            assertThat(output(container, "cat", "/etc/machine-id")).isEqualTo(given).hasSize(32);
            assertThat(output(container, "cat", "/run/systemd/container")).isEqualTo("dolium");
        }
    }

    @Test
    void a_unit_has_a_group_of_its_own_and_further_commands_are_beside() throws Exception {
        try (Container container = debian(true).start()) {
            booted(container);
            assertThat(output(container, "cat", "/sys/fs/cgroup/system.slice/second.service/cgroup.procs")).isNotEmpty();
            assertThat(output(container, "cat", "/sys/fs/cgroup/init.scope/cgroup.procs").lines()).contains("1");
            assertThat(output(container, "grep", "^0:", "/proc/self/cgroup")).isEqualTo("0::/../exec");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void limits_of_a_unit_are_in_force_where_cgroups_have_controllers(boolean privateUsers) throws Exception {
        try (Container container = debian(privateUsers).start()) {
            booted(container);
            String unit = "/sys/fs/cgroup/system.slice/second.service";
            String limits = output(container, "sh", "-c", "cat " + unit + "/memory.max " + unit + "/pids.max 2>/dev/null");
            assertThat(limits).isEqualTo(GroupFiles.UNIFIED ? (64 << 20) + "\n10" : "");
        }
    }

    @Test
    void users_of_further_commands_are_those_that_it_has_by_then() throws Exception {
        try (Container container = debian(true).start()) {
            booted(container);
            assertThat(container.exec("useradd", "--create-home", "--uid", "1234", "jane").run(LONG).status().success()).isTrue();
            Result jane = container.exec("sh", "-c", "id -u; cd; pwd; echo $HOME").user("jane").run(LONG);
            assertThat(jane.stdout()).isEqualTo("1234\n/home/jane\n/home/jane\n");
        }
    }

    @Test
    void with_a_terminal_it_shows_how_it_boots() throws Exception {
        StringBuilder shown = new StringBuilder();
        try (Container container = debian(true).terminal().start()) {
            Thread reader = Thread.ofVirtual().start(() -> read(container, shown));
            booted(container);
            assertThat(container.stop(LONG).forced()).isFalse();
            reader.join();
        }
        assertThat(shown.toString()).contains("Debian GNU/Linux").contains("second.service").contains("Shutdown");
    }

    private static void read(Container container, StringBuilder into) {
        try {
            for (int c = container.process().getInputStream().read(); c >= 0; c = container.process().getInputStream().read()) {
                into.append((char) c);
            }
        } catch (java.io.IOException e) {
            // the terminal is closed
        }
    }

    @Test
    void one_that_is_killed_leaves_nothing() throws Exception {
        try (Container container = debian(true).start()) {
            booted(container);
            container.close();
            assertThat(container.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        }
    }
}
