// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The exit status of `dolium run` says what happened, in Docker's numbers.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ExitStatusTest {
    @TempDir
    Path directory;

    private CommandLineRun tiny(String... command) throws Exception {
        String[] arguments = new String[command.length + 3];
        arguments[0] = "run";
        arguments[1] = "--rootfs";
        arguments[2] = TinyRoot.make(directory).toString();
        System.arraycopy(command, 0, arguments, 3, command.length);
        return CommandLineRun.here(arguments);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 125, 126, 127, 255})
    void the_commands_own_status_is_passed_on(int status) throws Exception {
        assertThat(tiny("sh", "-c", "exit " + status)).isEqualTo(new CommandLineRun(status, "", ""));
    }

    @ParameterizedTest
    @CsvSource({"HUP, 129", "KILL, 137", "TERM, 143"})
    void a_signal_is_128_and_its_number(String signal, int status) throws Exception {
        // the first process of its own pid namespace would ignore the signal
        assertThat(tiny("--pid", "host", "sh", "-c", "kill -" + signal + " $$"))
                .isEqualTo(new CommandLineRun(status, "", ""));
    }

    @Test
    void a_time_out_is_124() throws Exception {
        assertThat(tiny("--timeout", "200ms", "sleep", "100")).isEqualTo(new CommandLineRun(124, "", ""));
    }

    @Test
    void a_command_that_ends_in_time_keeps_its_status() throws Exception {
        assertThat(tiny("--timeout", "1m", "sh", "-c", "exit 3").status()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-command", "/bin/no-such-command", "/no/such/directory/x"})
    void a_command_that_is_not_there_is_127(String command) throws Exception {
        CommandLineRun run = tiny(command);
        assertThat(run.status()).isEqualTo(127);
        assertThat(run.err()).startsWith("dolium: launch step ").contains("execve(", "= -1 ENOENT", "\n  hint: no such command");
    }

    @Test
    void a_script_whose_interpreter_is_not_there_is_127() throws Exception {
        Path script = TinyRoot.make(directory).resolve("bin/script");
        Files.writeString(script, "#!/no/such/interpreter\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(tiny("script").status()).isEqualTo(127);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/etc", "/bin/text"})
    void a_command_that_cannot_be_run_is_126(String command) throws Exception {
        Path text = TinyRoot.make(directory).resolve("bin/text");
        Files.writeString(text, "no program\n");
        Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rwxr-xr-x"));
        CommandLineRun run = tiny(command);
        assertThat(run.status()).isEqualTo(126);
        assertThat(run.err()).containsAnyOf("= -1 EACCES", "= -1 ENOEXEC");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--no-such-option true                  | Unknown option: '--no-such-option'",
        "--hostname                             | Missing required parameter for option '--hostname'",
        "--network bridge true                  | --network 'bridge' is unknown; there is none, host, loopback or ns:PATH",
        "--pid container:x true                 | --pid 'container:x' is unknown; there is private, host or ns:PATH",
        "--userns auto true                     | --userns 'auto' is unknown; there is host, single, subordinate or isolated",
        "--cap-add FLY true                     | unknown capability 'FLY'",
        "--cap-drop FLY true                    | unknown capability 'FLY'",
        "--ulimit nofile true                   | limit 'nofile' is not NAME=SOFT[:HARD]",
        "--security-opt label=x true            | --security-opt 'label=x' is unknown",
        "--timeout soon true                    | time 'soon' is not like 90, 500ms, 30s, 5m or 1h",
        "--timeout 0 true                       | time '0' is zero",
        "--oom-score-adj much true              | 'much' is not an int",
        "--oom-score-adj 1001 true              | oomScoreAdj 1001 is not between -1000 and 1000",
        "-v data:/mnt true                      | there are no named volumes",
        "-v /etc true                           | volume '/etc' is not SRC:DST[:ro]",
        "-v /etc:/mnt:z true                    | unknown option 'z'; there are ro, rw and noexec",
        "-v /no/such:/mnt true                  | bind source '/no/such' is missing",
        "-v /etc:mnt true                       | mount point 'mnt' is not an absolute path",
        "--tmpfs /mnt:mode=9 true               | '9' is not a number",
        "--tmpfs /mnt:uid=7 true                | unknown option 'uid=7'",
        "--tmpfs /mnt:size=lots true            | size 'lots' is not a number",
        "--mount source=/etc,target=/mnt true   | needs type=bind or type=tmpfs",
        "--mount type=bind,target=/mnt true     | has no source=",
        "--mount type=bind,source=/etc true     | has no target=",
        "--mount type=bind,src=/etc,dst=/mnt,uid=1 true    | unknown key 'uid'",
        "--mount type=bind,src=/etc,dst=/mnt,ro=maybe true | 'maybe' is not true or false",
        "-e =x true                             | environment variable '=x' has no name",
        "--env-file /no/such true               | environment file '/no/such' is missing",
        "-u no-such-user true                   | unknown user 'no-such-user'",
        "-w relative true                       | working directory 'relative' is not an absolute path",
        "-w /no/such true                       | chdir(\"/no/such\") = -1 ENOENT",
        "--uts host --hostname x true           | name 'x' needs a uts namespace of the container's own",
        "-it sh                                 | the input device is not a TTY"
    })
    void what_dolium_cannot_do_is_125_and_said(String arguments, String message) throws Exception {
        CommandLineRun run = tiny(arguments.strip().split(" "));
        assertThat(run.err()).startsWith("dolium: ").contains(message).doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(125);
    }

    @Test
    void a_missing_root_file_system_is_125() {
        CommandLineRun run = CommandLineRun.here("run", "--rootfs", "/no/such", "true");
        assertThat(run.err()).contains("root file system '/no/such' is missing");
        assertThat(run.status()).isEqualTo(125);
    }

    @Test
    void no_command_is_125_and_help_is_0() {
        assertThat(CommandLineRun.here().status()).isEqualTo(125);
        assertThat(CommandLineRun.here("walk").status()).isEqualTo(125);
        assertThat(CommandLineRun.here("run").err()).contains("Missing required parameter: 'COMMAND'");
        assertThat(CommandLineRun.here("--help").out()).contains("Usage: dolium");
        assertThat(CommandLineRun.here("run", "--help")).satisfies(run -> {
            assertThat(run.status()).isZero();
            assertThat(run.out()).contains("Usage: dolium run", "--hostname", "127   the command was not found");
        });
        assertThat(CommandLineRun.here("--version").out()).isEqualTo("dolium 0.1.0\n");
    }
}
