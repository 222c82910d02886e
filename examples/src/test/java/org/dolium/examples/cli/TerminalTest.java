// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.container.Signal;
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
import org.junit.jupiter.params.provider.CsvSource;
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
    void leave() throws Exception {
        user.close();
        for (DetachedContainer container : containers().list()) {
            container.remove(true);
        }
    }

    private Containers containers() throws IOException {
        return Containers.at(directory.resolve("state"));
    }

    private Process run(String... arguments) throws IOException {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        List<String> all = new ArrayList<>(List.of("run", "--rootfs", root.toString(), "--stop-timeout", "1"));
        all.addAll(List.of(arguments));
        return dolium(all.toArray(String[]::new));
    }

    private Process dolium(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--state", directory.resolve("state").toString()));
        return user.connect(CommandLineRun.forked(all.toArray(String[]::new))).start();
    }

    /// The one container that there is, which runs.
    private DetachedContainer running() throws IOException {
        assertThat(containers().list()).hasSize(1);
        DetachedContainer container = containers().list().getFirst();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        return container;
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

    private void controlsJobs() throws Exception {
        enter("sh -c 'a=ing b=gan; trap \"echo go$a\" CONT; echo be$b; while :; do sleep 0.05; done'", "began");
        int place = user.printed().length();
        user.type(CTRL_Z);
        user.awaitAfter(place, "Stopped", LIMIT);
        enter("fg", "going");
        place = user.printed().length();
        user.type(CTRL_C);
        user.awaitAfter(place, "# ", LIMIT);
        enter("echo status $?", "status 130");
    }

    @Test
    void a_shell_has_a_terminal_with_job_control() throws Exception {
        Process process = shell();
        assertThat(user.printed()).doesNotContain("job control");
        enter("busybox tty; test -t 0 && test -t 1 && test -t 2 && echo is-a-tt''y", "is-a-tty");
        assertThat(user.printed()).contains("/dev/pts/0");
        enter("echo $TERM; ls -l /dev/console | cut -c 1", "xterm\r\nc");
        controlsJobs();
        user.type("exit 3\r");
        expectEnd(process, 3);
        assertThat(containers().list()).as("what nobody has left is removed at its end").isEmpty();
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
        expectEnd(process, 143);
        running();
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "HUP,129", "INT,130", "KILL,137"})
    void the_mode_is_set_back_when_dolium_is_ended_and_the_container_goes_on(String signal, int status) throws Exception {
        Process process = shell();
        assertThat(user.mode()).isNotEqualTo(before);
        assertThat(new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start().waitFor()).isZero();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(status);
        running();
        // after kill -9 another process does it
        Await.that("the terminal is as it was", () -> Arrays.equals(user.mode(), before));
    }

    @Test
    void the_mode_is_set_back_when_the_container_is_killed() throws Exception {
        Process process = shell();
        running().kill(Signal.KILL);
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
    void keys_leave_the_container_and_it_can_be_attached_to_again() throws Exception {
        Process process = shell();
        enter("a=kept", "# ");
        user.type("\020\021");
        user.await("read escape sequence", LIMIT);
        expectEnd(process, 0);
        DetachedContainer container = running();
        for (String keys : new String[] {"x,y", "ctrl-a"}) {
            int place = user.printed().length();
            process = dolium("attach", "--detach-keys", keys, container.shortId());
            user.awaitAfter(place, "# ", LIMIT); // the shell draws its prompt anew
            enter("echo ag''ain $a", "again kept");
            user.type(keys.equals("x,y") ? "xy" : "\001");
            user.awaitAfter(place, "read escape sequence", LIMIT);
            expectEnd(process, 0);
            running();
        }
        process = dolium("attach", container.shortId());
        enter("echo th''ird", "third");
        user.type("exit 4\r");
        expectEnd(process, 4);
        assertThat(container.state()).as("who has left it once keeps it").isEqualTo(DetachedState.EXITED);
    }

    @Test
    void only_whole_detach_keys_are_kept_from_the_container() throws Exception {
        Process process = run("-it", "--detach-keys", "ctrl-p,ctrl-q", "sh", "-c",
                "busybox stty raw -echo; echo ready; busybox dd bs=1 count=4 2>/dev/null | busybox od -An -c; sleep 1000");
        user.await("ready", LIMIT);
        user.type("\020a\020");
        user.type("\020");
        user.type("b");
        user.await("020   a 020 020", LIMIT);
        user.type("\020\021");
        user.await("read escape sequence", LIMIT);
        expectEnd(process, 0);
    }

    @Test
    void one_that_was_made_with_a_terminal_is_started_and_restarted_with_it() throws Exception {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        expectEnd(dolium("create", "-it", "-e", "PS1=# ", "--name", "box", "--rootfs", root.toString(), "sh"), 0);
        int place = user.printed().length();
        Process process = dolium("start", "-ai", "box");
        user.awaitAfter(place, "# ", LIMIT);
        enter("busybox tt''y", "/dev/pts/0");
        user.type("\020\021");
        expectEnd(process, 0);
        expectEnd(dolium("restart", "-t", "1", "box"), 0);
        place = user.printed().length();
        process = dolium("attach", "box");
        user.awaitAfter(place, "# ", LIMIT);
        enter("busybox tt''y", "/dev/pts/0");
        user.type("exit 6\r");
        expectEnd(process, 6);
    }

    @Test
    void an_init_hands_the_terminal_to_the_command() throws Exception {
        Process process = run("-it", "--init", "-e", "PS1=# ", "sh");
        user.await("# ", LIMIT);
        enter("echo pid $$", "pid 2");
        controlsJobs();
        user.type("exit 3\r");
        expectEnd(process, 3);
    }

    @Test
    void what_needs_the_jvm_is_not_left_and_goes_on() throws Exception {
        Process process = run("-it", "--timeout", "5m", "-e", "PS1=# ", "sh");
        user.await("# ", LIMIT);
        user.type("\020\021");
        user.await("this container lives only as long as 'dolium run': --timeout and --restart need it", LIMIT);
        assertThat(containers().list()).isEmpty();
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
