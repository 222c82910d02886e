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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
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

/// `dolium exec` in a container that another `dolium` has started.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ExecCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Path state;
    private String id;

    @BeforeEach
    void run() throws Exception {
        state = directory.resolve("state");
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        CommandLineRun run = here("run", "-d", "--name", "web", "--rootfs", root.toString(), "-e", "A=1", "--", "sleep", "1000");
        assertThat(run.err()).isEmpty();
        id = run.out().strip();
    }

    @AfterEach
    void remove() {
        assertThat(here("rm", "-f", "web").err()).isEmpty();
    }

    private String[] line(String verb, String... words) {
        List<String> all = new ArrayList<>(List.of(verb, "--state", state.toString()));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    private CommandLineRun here(String verb, String... words) {
        return CommandLineRun.here(line(verb, words));
    }

    private CommandLineRun exec(String... words) throws Exception {
        return CommandLineRun.of(directory, Map.of("HERE", "from here"), line("exec", words));
    }

    private String printed(String... words) throws Exception {
        CommandLineRun run = exec(words);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out();
    }

    @Test
    void a_command_prints_and_its_status_is_told() throws Exception {
        assertThat(exec("web", "sh", "-c", "echo out; echo err >&2; exit 7")).isEqualTo(new CommandLineRun(7, "out\n", "err\n"));
        assertThat(exec(id.substring(0, 6), "sh", "-c", "kill -9 $$").status()).isEqualTo(137);
        assertThat(printed("web", "cat")).isEmpty(); // without -i there is no input
        assertThat(printed("web", "tr", "\\0", " ").length()).isZero();
    }

    @Test
    void environment_user_and_directory_are_as_wanted() throws Exception {
        Path file = Files.writeString(directory.resolve("env"), "# comment\nC=3\nB=no\n");
        assertThat(printed("-e", "B=2", "--env-file", file.toString(), "-e", "HERE", "-e", "UNSET_HERE", "-w", "/tmp", "web", "sh", "-c",
                "echo $A $B $C $HERE ${UNSET_HERE-unset}; pwd")).isEqualTo("1 2 3 from here unset\n/tmp\n");
        if (ProcessStatus.self().effectiveUid() == 0) {
            assertThat(printed("-u", "alice", "web", "sh", "-c", "id -u; echo $HOME")).isEqualTo("1000\n/home/alice\n");
            assertThat(printed("--user", "7:8", "web", "sh", "-c", "id -u; id -g")).isEqualTo("7\n8\n");
        }
        CommandLineRun unknown = exec("-u", "nobody-knows", "web", "true");
        assertThat(unknown.err()).contains("unknown user 'nobody-knows'");
        assertThat(unknown.status()).isEqualTo(1);
    }

    @Test
    void with_i_the_command_reads_what_dolium_is_given() throws Exception {
        Process process = CommandLineRun.forked(line("exec", "-i", "web", "cat")).start();
        process.outputWriter().append("one\n").flush();
        assertThat(process.inputReader().readLine()).isEqualTo("one");
        process.outputWriter().append("two\n").close();
        assertThat(process.inputReader().readLine()).isEqualTo("two");
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            web /none                   | 127 | no such command in the container
            web no-such-command         | 127 | no such command in the container
            web /etc/passwd             | 126 | EACCES
            -w /none web true           | 127 | chdir("/none")
            -w /etc/passwd web true     | 126 | chdir("/etc/passwd")
            -w relative web true        | 1   | 'relative' is not an absolute path
            -it web sh                  | 1   | the input device is not a TTY
            -dt web sh                  | 125 | can't have a terminal (-t)
            --privileged web sh         | 125 | --privileged would give the command more than the container has
            --detach-keys xy -t web sh  | 1   | --detach-keys 'xy' is not as in ctrl-p,ctrl-q
            none true                   | 1   | No such container: none
            """)
    void what_fails_is_told_with_dockers_status(String words, int status, String message) {
        CommandLineRun run = here("exec", words.split(" "));
        assertThat(run.err()).contains(message);
        assertThat(run.status()).isEqualTo(status);
    }

    @Test
    void a_container_that_is_paused_or_has_ended_is_refused_in_dockers_words() {
        if (ProcessStatus.self().effectiveUid() == 0) {
            assertThat(here("pause", "web").err()).isEmpty();
            assertThat(here("exec", "web", "true")).isEqualTo(
                    new CommandLineRun(1, "", "dolium: Container " + id + " is paused, unpause the container before exec\n"));
            here("unpause", "web");
        }
        here("kill", "web");
        here("wait", "web");
        assertThat(here("exec", "web", "true")).isEqualTo(new CommandLineRun(1, "", "dolium: container " + id + " is not running\n"));
        assertThat(here("exec", "-d", "web", "true").status()).isEqualTo(1);
    }

    @Test
    void with_d_the_command_goes_on_without_dolium() throws Exception {
        String script = "while ! test -e /tmp/go; do sleep 0.1; done; touch /tmp/done; sleep 1000";
        assertThat(exec("-d", "-e", "X=y", "web", "sh", "-c", script)).isEqualTo(new CommandLineRun(0, "", ""));
        printed("web", "touch", "/tmp/go");
        Await.that("it has gone on", () -> exec("web", "test", "-e", "/tmp/done").status() == 0);
        assertThat(here("exec", "-d", "web", "/none").status()).isEqualTo(127);
    }

    @Test
    void a_command_ends_with_dolium() throws Exception {
        Process process = CommandLineRun.forked(line("exec", "web", "sh", "-c", "echo $$; exec sleep 2000")).start();
        String pid = process.inputReader().readLine();
        assertThat(exec("web", "test", "-e", "/proc/" + pid).status()).isZero();
        process.destroy(); // SIGTERM
        assertThat(process.waitFor()).isEqualTo(143);
        Await.that("its end", () -> exec("web", "sh", "-c", "test -e /proc/" + pid + " && ! grep -q 'State:.Z' /proc/" + pid + "/status").status() != 0);
    }

    private final class Sitting implements AutoCloseable {
        final PseudoTerminal user = PseudoTerminal.open();
        final byte[] before = user.mode();
        final Process process;

        Sitting(String... words) throws IOException {
            process = user.connect(CommandLineRun.forked(line("exec", words))).start();
        }

        void enter(String line, String answer) throws Exception {
            int place = user.printed().length();
            user.type(line + "\r");
            user.awaitAfter(place + line.length(), answer, LIMIT);
        }

        void expectEnd(int status) throws Exception {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(user.printed()).isTrue();
            assertThat(process.exitValue()).isEqualTo(status);
            assertThat(user.mode()).isEqualTo(before);
        }

        @Override
        public void close() {
            process.destroyForcibly();
            user.close();
        }
    }

    @Test
    void with_it_a_shell_is_used_from_a_real_terminal() throws Exception {
        try (Sitting sitting = new Sitting("-it", "-e", "PS1=# ", "web", "sh")) {
            sitting.user.await("# ", LIMIT);
            assertThat(sitting.user.mode()).isNotEqualTo(sitting.before); // every key goes to the shell
            sitting.enter("busybox tty; test -t 0 && test -t 1 && test -t 2 && echo is-a-tt''y", "is-a-tty");
            assertThat(sitting.user.printed()).contains("/dev/pts/0");
            sitting.enter("echo $TERM $A; busybox stty size", "xterm 1\r\n24 80");
            sitting.user.resize(50, 132);
            sitting.enter("while ! busybox stty size | grep '50 132'; do sleep 0.1; done", "50 132\r\n");
            sitting.enter("sh -c 'b=gan; echo be$b; exec sleep 1000'", "began");
            int place = sitting.user.printed().length();
            sitting.user.type("\003");
            sitting.user.awaitAfter(place, "# ", LIMIT);
            sitting.enter("echo status $?", "status 130");
            sitting.user.type("\020\021");
            sitting.user.await("a command of 'dolium exec' lives only as long as it: there is nothing to detach from", LIMIT);
            sitting.enter("echo still h''ere", "still here");
            sitting.user.type("exit 3\r");
            sitting.expectEnd(3);
        }
        assertThat(here("ps", "-q").out().strip()).isEqualTo(id.substring(0, 12));
    }

    @Test
    void the_mode_of_the_terminal_is_set_back_whatever_ends_dolium() throws Exception {
        for (String signal : new String[] {"TERM", "KILL"}) {
            try (Sitting sitting = new Sitting("-it", "-e", "PS1=# ", "web", "sh")) {
                sitting.user.await("# ", LIMIT);
                assertThat(new ProcessBuilder("kill", "-" + signal, "" + sitting.process.pid()).start().waitFor()).isZero();
                assertThat(sitting.process.waitFor()).isIn(137, 143);
                Await.that("the terminal is as it was", () -> Arrays.equals(sitting.user.mode(), sitting.before));
            }
        }
        try (Sitting sitting = new Sitting("-it", "web", "no-such-command")) {
            sitting.expectEnd(127);
            assertThat(sitting.user.printed()).contains("no such command in the container");
        }
    }

    @Test
    void the_end_of_the_container_ends_the_command_and_the_terminal_is_as_before() throws Exception {
        try (Sitting sitting = new Sitting("-it", "-e", "PS1=# ", "web", "sh")) {
            sitting.user.await("# ", LIMIT);
            here("kill", "web");
            sitting.expectEnd(137);
        }
    }
}
