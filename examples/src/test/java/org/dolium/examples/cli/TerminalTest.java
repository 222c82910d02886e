// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PseudoTerminal;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `dolium run -it` as somebody at a terminal uses it. The shell's prompts are `# `.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class TerminalTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String CTRL_C = "\003";
    private static final String CTRL_D = "\004";
    private static final String CTRL_Z = "\032";

    @TempDir
    Path directory;

    private PseudoTerminal user;
    private byte[] before;

    @BeforeEach
    void sit_down() throws IOException {
        user = PseudoTerminal.open();
        before = user.mode();
    }

    @AfterEach
    void leave() {
        user.close();
    }

    private Process run(String... arguments) throws IOException {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        String[] all = new String[arguments.length + 5];
        all[0] = "run";
        all[1] = "--rootfs";
        all[2] = root.toString();
        all[3] = "--stop-timeout";
        all[4] = "1";
        System.arraycopy(arguments, 0, all, 5, arguments.length);
        return user.connect(CommandLineRun.forked(all)).start();
    }

    private Process shell() throws Exception {
        Process process = run("-it", "-e", "PS1=# ", "sh");
        user.await("# ", LIMIT);
        return process;
    }

    /// Types a line and waits for what it prints.
    private String enter(String line, String answer) throws Exception {
        int place = user.printed().length();
        user.type(line + "\r");
        return user.awaitAfter(place + line.length(), answer, LIMIT).substring(place);
    }

    private void expectEnd(Process process, int status) throws Exception {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(user.printed()).isTrue();
        assertThat(process.exitValue()).isEqualTo(status);
        assertThat(user.mode()).isEqualTo(before);
    }

    @Test
    void a_shell_has_a_terminal_with_job_control() throws Exception {
        Process process = shell();
        assertThat(user.printed()).doesNotContain("job control");
        enter("busybox tty; test -t 0 && test -t 1 && test -t 2 && echo is-a-tt''y", "is-a-tty");
        assertThat(user.printed()).contains("/dev/pts/0");
        enter("echo $TERM; ls -l /dev/console | cut -c 1", "xterm\r\nc");
        enter("sh -c 'a=ing b=gan; trap \"echo go$a\" CONT; echo be$b; while :; do sleep 0.05; done'", "began");
        int place = user.printed().length();
        user.type(CTRL_Z);
        user.awaitAfter(place, "Stopped", LIMIT);
        enter("fg", "going");
        place = user.printed().length();
        user.type(CTRL_C);
        user.awaitAfter(place, "# ", LIMIT);
        enter("echo status $?", "status 130");
        user.type("exit 3\r");
        expectEnd(process, 3);
    }

    @Test
    void the_end_of_input_is_a_key() throws Exception {
        Process process = shell();
        user.type(CTRL_D);
        expectEnd(process, 0);
    }

    @Test
    void the_window_is_followed() throws Exception {
        user.resize(50, 132);
        Process process = run("-it", "sh", "-c", "busybox stty size; trap 'busybox stty size' WINCH; echo ready; while true; do sleep 0.1; done");
        user.await("50 132\r\nready", LIMIT);
        user.resize(10, 20);
        user.await("10 20", LIMIT);
        process.destroy();
        expectEnd(process, 137);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP", "INT", "KILL"})
    void the_mode_is_set_back_when_dolium_is_ended(String signal) throws Exception {
        Process process = shell();
        assertThat(user.mode()).isNotEqualTo(before);
        assertThat(new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start().waitFor()).isZero();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(137);
        // after kill -9 another process does it
        Await.that("the terminal is as it was", () -> Arrays.equals(user.mode(), before));
    }

    @Test
    void the_mode_is_set_back_when_the_container_is_killed() throws Exception {
        Process process = shell();
        process.children().filter(child -> child.info().command().orElse("").endsWith("busybox"))
                .forEach(ProcessHandle::destroyForcibly);
        expectEnd(process, 137);
    }

    @Test
    void the_mode_is_set_back_when_the_command_is_not_found() throws Exception {
        expectEnd(run("-it", "no-such-command"), 127);
        assertThat(user.printed()).contains("no-such-command").contains("\r\n");
    }

    @Test
    void what_was_printed_last_is_seen_before_the_end() throws Exception {
        Process process = run("-it", "sh", "-c", "seq 1 20000");
        expectEnd(process, 0);
        user.await("\r\n20000\r\n", LIMIT);
        assertThat(user.printed()).hasSize(128_894);
    }

    @Test
    void detaching_is_refused_and_the_container_goes_on() throws Exception {
        Process process = shell();
        user.type("\020\021");
        user.await("there is nothing to detach from", LIMIT);
        enter("echo still h''ere", "still here");
        user.type("exit\r");
        expectEnd(process, 0);
    }

    @Test
    void without_i_nothing_is_typed_and_ctrl_c_ends_dolium() throws Exception {
        Process process = run("-t", "sh", "-c", "test -t 0 && echo ready; exec sleep 1000");
        user.await("ready", LIMIT);
        user.type(CTRL_C);
        expectEnd(process, 137);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-it", "-ti", "--interactive --tty"})
    void a_terminal_that_is_no_terminal_is_refused_as_by_docker(String options) {
        String[] words = ("run " + options + " -- true").split(" ");
        CommandLineRun run = CommandLineRun.here(words);
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).isEqualTo("dolium: the input device is not a TTY\n");
    }
}
