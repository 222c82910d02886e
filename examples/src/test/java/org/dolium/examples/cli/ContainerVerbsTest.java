// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What the verbs about containers say when there are none, or when they are called wrongly.
class ContainerVerbsTest {
    @TempDir
    Path directory;

    private Path state;

    @BeforeEach
    void make() {
        state = directory.resolve("state");
    }

    private CommandLineRun dolium(String line) {
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.addAll(1, List.of("--state", state.toString()));
        return CommandLineRun.here(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start x", "stop x", "kill x", "restart x", "pause x", "unpause x", "wait x", "rm x", "rm -f x", "logs x", "attach x",
        "top x", "stats --no-stream x", "rename x y", "update -m 64m x", "inspect x", "cp x:/a b", "cp /etc/passwd x:/a", "exec -it x sh"})
    void a_container_that_is_not_there_is_told_as_by_docker(String line) {
        CommandLineRun run = dolium(line);
        assertThat(run.err()).isEqualTo("dolium: No such container: x\n");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo(line.startsWith("inspect") ? "[]\n" : "");
    }

    @Test
    void what_can_be_no_name_is_not_there_either() {
        assertThat(dolium("stop ../x").err()).isEqualTo("dolium: No such container: ../x\n");
        assertThat(dolium("stop a b").err()).isEqualTo("dolium: No such container: a\ndolium: No such container: b\n");
    }

    @Test
    void a_cidfile_that_can_not_be_written_is_known_before_the_container_is_made() throws Exception {
        CommandLineRun run = dolium("create --cidfile " + directory.resolve("missing/id") + " -- true");
        assertThat(run.err()).isEqualTo("dolium: " + directory.resolve("missing/id") + ": no such file or directory\n");
        assertThat(run.status()).isEqualTo(125);
        assertThat(dolium("ps -aq").out()).isEmpty();
        Path file = directory.resolve("id");
        assertThat(dolium("create --name x --cidfile " + file + " -- true").status()).isZero();
        assertThat(file).hasContent(dolium("ps -aq --no-trunc").out().strip());
        Path other = directory.resolve("other");
        assertThat(dolium("create --name x --cidfile " + other + " -- true").err()).contains("is already in use");
        assertThat(other).doesNotExist();
        assertThat(dolium("rm x").status()).isZero();
    }

    @Test
    void a_damaged_container_hides_no_other_and_can_be_removed_by_its_whole_id() throws Exception {
        String good = dolium("create --name good -- true").out().strip();
        String first = dolium("create --name first -- true").out().strip();
        String second = dolium("create --name second -- true").out().strip();
        Files.writeString(state.resolve("containers").resolve(first).resolve("record"), "x");
        Path run = Files.writeString(state.resolve("containers").resolve(second).resolve("run"), "x");
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rw-------"));
        CommandLineRun ps = dolium("ps -aq --no-trunc");
        assertThat(ps.out()).isEqualTo(good + "\n");
        assertThat(ps.err()).contains("dolium: container " + first + ": ").contains("dolium: container " + second + ": ").hasLineCount(2);
        assertThat(ps.status()).isEqualTo(1);
        assertThat(dolium("rm -f " + first + " " + second + " good").out()).contains(first, second, "good");
        assertThat(dolium("ps -aq")).isEqualTo(new CommandLineRun(0, "", ""));
    }

    @Test
    void lists_of_nothing_have_headings() {
        assertThat(dolium("ps -a")).isEqualTo(
                new CommandLineRun(0, "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n", ""));
        assertThat(dolium("ps -aq")).isEqualTo(new CommandLineRun(0, "", ""));
        assertThat(dolium("stats --no-stream").out()).isEqualTo(
                "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O   BLOCK I/O   PIDS\n");
        assertThat(dolium("events --since 1h --until 0s")).isEqualTo(new CommandLineRun(0, "", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "stop", "kill", "restart", "pause", "unpause", "wait", "rm", "logs", "attach", "top", "rename x", "update", "inspect",
        "cp x:/a", "exec x", "ps --none", "ps x", "logs a b", "events --filter x=y", "update x", "logs --tail x y"})
    void wrong_calls_exit_with_125(String line) {
        CommandLineRun run = dolium(line);
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).startsWith("dolium: ").endsWith("See 'dolium " + line.split(" ")[0] + " --help'.\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ps --filter volume=x      | invalid filter 'volume'
            ps --filter x             | bad format of filter (expected name=value)
            ps --format {{.X}}        | there is no .X, only .Command, .CreatedAt
            kill -s NONE x            | unknown signal 'NONE'
            stop -t -2 x              | --timeout -2 is not -1 or more
            cp a b                    | must specify at least one container source
            cp a:/x b:/y              | copying between containers is not supported
            start -a x y              | you cannot start and attach multiple containers at once
            """)
    void what_can_not_be_done_is_said(String line, String message) {
        CommandLineRun run = dolium(line);
        assertThat(run.err()).contains(message);
        assertThat(run.status()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run -d --rm --restart always -- true | cannot specify both --restart and --rm
            run --cidfile x -- true             | only a container that goes on without
            """)
    void what_needs_a_jvm_is_refused_for_detached_containers(String line, String message) {
        CommandLineRun run = dolium(line);
        assertThat(run.err()).contains(message);
        assertThat(run.status()).isEqualTo(125);
        assertThat(dolium("ps -aq").out()).isEmpty();
    }

    @Test
    void a_file_for_the_id_must_not_be_there() throws Exception {
        Path file = Files.createFile(directory.resolve("id"));
        CommandLineRun run = dolium("run -d --cidfile " + file + " -- true");
        assertThat(run.err()).contains("container ID file found");
        assertThat(run.status()).isEqualTo(125);
    }

    /// A synopsis, a sentence, and a description of every option and argument.
    @Test
    void every_command_has_a_help() {
        Main.commandLine().getSubcommands().forEach((name, command) -> {
            CommandLineRun run = CommandLineRun.here(name, "--help");
            assertThat(run.status()).as(name).isZero();
            assertThat(run.out()).as(name).contains("dolium " + name).contains("--help");
            assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
            command.getCommandSpec().args().stream().filter(arg -> !arg.hidden()).forEach(arg -> assertThat(arg.description()).as(name + " " + arg).isNotEmpty());
        });
    }

    @Test
    void random_names_can_be_names() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            assertThat(RandomName.next(random, i % 5)).matches("[a-z]+_[a-z]+[0-9]{0,3}");
        }
    }

    @Test
    void dockers_short_flags_are_there() {
        CommandLine line = Main.commandLine();
        assertThat(options(line, "run")).contains("-d", "-i", "-t", "-e", "-v", "-w", "-u", "-m", "-h", "-c", "-l");
        assertThat(options(line, "ps")).contains("-a", "-f", "-l", "-n", "-q");
        assertThat(options(line, "logs")).contains("-f", "-n", "-t");
        assertThat(options(line, "stop")).contains("-t", "-s");
        assertThat(options(line, "rm")).contains("-f", "-v");
        assertThat(options(line, "inspect")).contains("-f");
        assertThat(options(line, "cp")).contains("-a", "-L", "-q");
        assertThat(options(line, "start")).contains("-a");
        assertThat(options(line, "exec")).contains("-d", "-e", "--env-file", "-i", "-t", "-u", "-w", "--privileged", "--detach-keys");
    }

    private static List<String> options(CommandLine line, String command) {
        return line.getSubcommands().get(command).getCommandSpec().options().stream().flatMap(option -> Arrays.stream(option.names())).toList();
    }
}
