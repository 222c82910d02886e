// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class TerminalTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String script) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sh", "-c", script).terminal();
    }

    /// Reads until `text` has come.
    static String until(InputStream output, String text) throws Exception {
        StringBuilder all = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (all.indexOf(text) < 0) {
            int n = output.read(buffer);
            assertThat(n).as("output before '" + text + "': " + all).isPositive();
            all.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
        return all.toString();
    }

    @Test
    void all_three_streams_are_the_controlling_terminal() throws Exception {
        Result result = tiny("busybox tty; test -t 1 && test -t 2 && echo both; echo err >&2; echo $TERM; echo mine > /dev/tty;"
                + " echo here > /dev/console; cut -d' ' -f7 /proc/self/stat").run(LIMIT);
        assertThat(result.stdout()).isEqualTo("/dev/pts/0\r\nboth\r\nerr\r\nxterm\r\nmine\r\nhere\r\n34816\r\n"); // 136:0
        assertThat(result.stderr()).isEmpty();
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(0));
    }

    @Test
    void what_is_typed_is_read_and_closing_is_the_end_of_input() throws Exception {
        assertThat(tiny("busybox stty -echo; cat; echo end").input("a line\nhalf a line").run(LIMIT).stdout())
                .contains("a line\r\nhalf a line").endsWith("end\r\n");
        assertThat(tiny("busybox stty -echo; cat; echo end").run(LIMIT).stdout()).endsWith("end\r\n");
    }

    @Test
    void keys_are_signals_for_what_is_in_the_foreground() throws Exception {
        try (Container container = tiny("trap 'echo interrupted; exit 7' INT; echo ready; while true; do sleep 0.1; done").start()) {
            until(container.process().getInputStream(), "ready");
            OutputStream keys = container.process().getOutputStream();
            keys.write(3);
            until(container.process().getInputStream(), "interrupted");
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(7));
        }
    }

    @Test
    void the_window_has_a_size_and_changes_it() throws Exception {
        String script = "busybox stty size; trap 'busybox stty size; exit' WINCH; echo ready; while true; do sleep 0.1; done";
        try (Container container = tiny(script).terminal(new TerminalSize(50, 132)).start()) {
            assertThat(until(container.process().getInputStream(), "ready")).startsWith("50 132\r\n");
            assertThat(container.terminalSize()).isEqualTo(new TerminalSize(50, 132));
            container.resize(600, 1000);
            assertThat(container.terminalSize()).hasToString("600x1000");
            until(container.process().getInputStream(), "600 1000");
            container.waitFor();
            container.close();
            assertThatThrownBy(container::terminalSize).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void the_terminal_belongs_to_the_user() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // a plain user has one id
        }
        assertThat(tiny("stat -c '%u %a' /dev/pts/0 /dev/console; echo x > /dev/console").user("alice").run(LIMIT).stdout())
                .isEqualTo("1000 620\r\n1000 620\r\nx\r\n");
    }

    @Test
    void a_terminal_is_there_in_a_shared_pid_namespace_too() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // only root may share the host's
        }
        assertThat(tiny("busybox tty; echo mine > /dev/tty").namespace(NamespaceKind.PID, NamespaceMode.host()).run(LIMIT).stdout())
                .isEqualTo("/dev/pts/0\r\nmine\r\n");
        try (Container other = tiny("exec sleep 1000").start()) {
            ContainerBuilder joining = tiny("busybox tty; echo mine > /dev/tty")
                    .namespace(NamespaceKind.PID, NamespaceMode.ofProcess(other.process().toHandle()));
            assertThat(joining.run(LIMIT).stdout()).isEqualTo("/dev/pts/0\r\nmine\r\n");
        }
    }

    @Test
    void a_command_below_an_init_has_the_terminal_in_the_foreground() throws Exception {
        String script = "echo pid $$; trap 'echo interrupted; exit 7' INT; echo ready; while true; do sleep 0.1; done";
        try (Container container = tiny(script).init(true).start()) {
            assertThat(until(container.process().getInputStream(), "ready")).contains("pid 2");
            container.process().getOutputStream().write(3);
            until(container.process().getInputStream(), "interrupted");
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(7));
        }
        assertThat(tiny("seq 1 20000").init(true).run(LIMIT).stdout()).hasSize(128_894);
    }

    @Test
    void everything_that_was_printed_last_is_read() throws Exception {
        assertThat(tiny("seq 1 20000").run(LIMIT).stdout()).hasSize(128_894).endsWith("\r\n20000\r\n");
    }

    @Test
    void what_makes_no_sense_is_refused() throws Exception {
        assertThatThrownBy(tiny("true").redirectOutput(Redirect.INHERIT)::build)
                .hasMessageContaining("a terminal is all three standard streams");
        assertThatThrownBy(tiny("true").namespace(NamespaceKind.MOUNT, NamespaceMode.host())::build)
                .hasMessageContaining("a terminal needs a mount namespace of the container's own");
        assertThatThrownBy(() -> new TerminalSize(0, 80)).hasMessage("terminal size 0x80 is not between 1x1 and 65535x65535");
        try (Container container = ContainerBuilder.create().command("sleep", "100").start()) {
            assertThatThrownBy(() -> container.resize(1, 1)).hasMessage("the container has no terminal");
        }
    }
}
