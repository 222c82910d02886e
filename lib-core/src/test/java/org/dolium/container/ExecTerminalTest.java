// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.dolium.container.TerminalTest.until;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Terminals of further commands.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ExecTerminalTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder sleeper() throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sleep", "1000");
    }

    private static ExecBuilder sh(Container container, String script) {
        return container.exec("sh", "-c", script).terminal();
    }

    @Test
    void all_three_streams_are_its_controlling_terminal_in_the_containers_file_system() throws Exception {
        try (Container container = sleeper().start()) {
            Result result = sh(container, "busybox tty; test -t 1 && test -t 2 && echo both; echo err >&2; echo $TERM;"
                    + " echo mine > /dev/tty; cut -d' ' -f7 /proc/self/stat; ls /proc/self/fd | tr '\\n' ' '").run(LIMIT);
            assertThat(result.stdout()).isEqualTo("/dev/pts/0\r\nboth\r\nerr\r\nxterm\r\nmine\r\n34816\r\n0 1 2 3 "); // 136:0
            assertThat(result.stderr()).isEmpty();
            assertThat(result.status()).isEqualTo(new ExitStatus.Exited(0));
        }
    }

    @Test
    void each_has_one_of_its_own_besides_the_containers() throws Exception {
        try (Container container = sleeper().terminal().start();
                Execution first = sh(container, "busybox tty; exec sleep 1000").start();
                Execution second = sh(container, "busybox tty; exec sleep 1000").start()) {
            assertThat(until(first.process().getInputStream(), "\n")).isEqualTo("/dev/pts/1\r\n");
            assertThat(until(second.process().getInputStream(), "\n")).isEqualTo("/dev/pts/2\r\n");
            first.resize(10, 20);
            assertThat(first.terminalSize()).isEqualTo(new TerminalSize(10, 20));
            assertThat(second.terminalSize()).isEqualTo(TerminalSize.standard());
            assertThat(container.terminalSize()).isEqualTo(TerminalSize.standard());
        }
    }

    @Test
    void what_is_typed_is_read_and_closing_is_the_end_of_input() throws Exception {
        try (Container container = sleeper().start()) {
            assertThat(sh(container, "busybox stty -echo; cat; echo end").input("a line\nhalf a line").run(LIMIT).stdout())
                    .contains("a line\r\nhalf a line").endsWith("end\r\n");
            assertThat(sh(container, "busybox stty -echo; cat; echo end").run(LIMIT).stdout()).endsWith("end\r\n");
        }
    }

    @Test
    void keys_are_signals_for_what_is_in_the_foreground() throws Exception {
        String script = "trap 'echo interrupted; exit 7' INT; echo ready; while true; do sleep 0.1; done";
        try (Container container = sleeper().start();
                Execution execution = sh(container, script).start()) {
            until(execution.process().getInputStream(), "ready");
            execution.process().getOutputStream().write(3);
            execution.process().getOutputStream().flush();
            until(execution.process().getInputStream(), "interrupted");
            assertThat(execution.waitFor(LIMIT)).contains(new ExitStatus.Exited(7));
            assertThat(container.isAlive()).isTrue();
        }
    }

    @Test
    void the_window_has_a_size_and_changes_it() throws Exception {
        String script = "busybox stty size; trap 'busybox stty size; exit' WINCH; echo ready; while true; do sleep 0.1; done";
        try (Container container = sleeper().start();
                Execution execution = container.exec("sh", "-c", script).terminal(new TerminalSize(50, 132)).start()) {
            assertThat(until(execution.process().getInputStream(), "ready")).startsWith("50 132\r\n");
            execution.resize(600, 1000);
            until(execution.process().getInputStream(), "600 1000\r\n");
            assertThat(execution.waitFor(LIMIT)).contains(new ExitStatus.Exited(0));
            execution.close();
            assertThatIllegalStateException().isThrownBy(() -> execution.resize(1, 1)).withMessage("the terminal is closed");
        }
    }

    @Test
    void it_is_the_users() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // a plain user's container has one id
        }
        try (Container container = sleeper().start()) {
            assertThat(sh(container, "stat -c %u $(busybox tty); echo x > $(busybox tty)").user("1000:1001").run(LIMIT).stdout())
                    .isEqualTo("1000\r\nx\r\n");
        }
    }

    @Test
    void its_end_hangs_up_what_is_left_on_it_and_the_other_way_round() throws Exception {
        try (Container container = sleeper().start();
                Execution execution = sh(container, "sleep 2000 & echo ready; wait").start()) {
            until(execution.process().getInputStream(), "ready\r\n");
            container.kill(Signal.KILL);
            assertThat(execution.waitFor(LIMIT)).contains(new ExitStatus.Signalled(Signal.KILL, false));
            assertThat(execution.process().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void it_is_all_three_streams_and_needs_the_containers_own_dev() throws Exception {
        try (Container container = sleeper().start()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> container.exec("true").terminal().redirectOutput(Redirect.DISCARD).run())
                    .withMessageContaining("a terminal is all three standard streams");
            assertThatIllegalStateException()
                    .isThrownBy(() -> {
                        try (Execution execution = container.exec("true").start()) {
                            execution.resize(1, 1);
                        }
                    })
                    .withMessage("the command has no terminal");
        }
        try (Container container = sleeper().bind(Path.of("/dev/pts"), "/dev/pts").start()) {
            assertThatIllegalArgumentException().isThrownBy(() -> container.exec("true").terminal().start())
                    .withMessageContaining("a terminal needs a /dev/pts of the container's own");
        }
    }

    @Test
    void a_command_that_is_not_there_is_told() throws Exception {
        try (Container container = sleeper().start()) {
            assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> container.exec("/none").terminal().run(LIMIT))
                    .withMessageContaining("execve(\"/none\"");
            assertThat(container.exec("/none").terminal().explain()).contains("openat2(AT_FDCWD, \"/dev/pts\"", "TIOCSCTTY");
        }
    }
}
