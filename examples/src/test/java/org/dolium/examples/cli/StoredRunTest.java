// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What is kept of a container, so that it can be started again from anywhere.
class StoredRunTest {
    @TempDir
    Path directory;

    private static StoredRun stored(String... line) throws IOException {
        CommandLine commandLine = Main.commandLine();
        String[] words = new String[line.length + 1];
        words[0] = "create";
        System.arraycopy(line, 0, words, 1, line.length);
        commandLine.parseArgs(words);
        ContainerOptions options = commandLine.getSubcommands().get("create").<CreateCommand>getCommand().options();
        options.builder();
        return options.stored();
    }

    @Test
    void options_are_kept_as_they_are_understood_everywhere() throws Exception {
        Path here = Path.of("").toAbsolutePath();
        Path file = Files.writeString(directory.resolve("variables"), "A=1\n");
        StoredRun run = stored("--name", "x", "--rm", "-e", "PATH", "-e", "B=c d", "-e", "NOT_SET_ANYWHERE", "--env-file", here.relativize(file).toString(),
                "-v", "./src:/mnt:ro", "-v", "/etc:/etc2", "--mount", "type=bind,src=./src,target=/a", "--init", "-m", "64m", "--cpus=0.5",
                "--security-opt", "no-new-privileges", "--label", "a=b", "--pull", "never", "--", "sh", "-c", "echo -d $X");
        assertThat(run.options()).containsExactlyInAnyOrder("--env=PATH=" + System.getenv("PATH"), "--env=B=c d", "--env-file=" + file,
                "--volume=" + here + "/src:/mnt:ro", "--volume=/etc:/etc2", "--mount=type=bind,src=" + here + "/src,target=/a", "--init",
                "--memory=64m", "--cpus=0.5", "--security-opt=no-new-privileges", "--label=a=b");
        assertThat(run.words()).containsExactly("sh", "-c", "echo -d $X");
        assertThat(run.remove()).isTrue();
        assertThat(run.image()).isEmpty();
    }

    @Test
    void it_is_the_same_after_it_was_kept() throws Exception {
        StoredRun run = stored("--rm", "-e", "A=\nb=\u00e4", "-w", "/tmp", "--", "echo", "", "a b", "--", "x=y", "");
        assertThat(StoredRun.parse(run.bytes())).isEqualTo(run);
        StoredRun image = new StoredRun("debian:13", "sha256:" + Views.ID, false, List.of("--init"), List.of());
        assertThat(StoredRun.parse(image.bytes())).isEqualTo(image);
    }

    @Test
    void the_same_container_is_built_of_it() throws Exception {
        StoredRun run = stored("-e", "A=b", "-w", "/tmp", "--hostname", "box", "-u", "1:2", "--tmpfs", "/mnt:size=1m", "--", "sh", "-c", "exit 3");
        String[] line = {"-e", "A=b", "-w", "/tmp", "--hostname", "box", "-u", "1:2", "--tmpfs", "/mnt:size=1m", "--", "sh", "-c", "exit 3"};
        assertThat(run.builder().explain()).isEqualTo(CommandLineRun.builder(line).explain());
    }

    @Test
    void updates_replace_what_was_said_before() {
        StoredRun run = new StoredRun("", "", false, List.of("--memory=64m", "--cpu-quota=50000", "--init", "--label=--cpus=3"), List.of("true"));
        assertThat(run.with(List.of("--memory=128m", "--cpus=2")).options())
                .containsExactly("--init", "--label=--cpus=3", "--memory=128m", "--cpus=2");
        assertThat(run.with(List.of("--cpu-period=1000")).options()).contains("--cpu-quota=50000");
        assertThat(run.option("--memory", "none")).isEqualTo("64m");
        assertThat(run.option("--stop-timeout", "10")).isEqualTo("10");
    }

    @Test
    void what_another_program_made_is_not_known() throws Exception {
        StoredRun nothing = StoredRun.parse(new byte[0]);
        assertThat(nothing.isKnown()).isFalse();
        assertThat(StoredRun.parse("later=1\0image=x\0".getBytes(java.nio.charset.StandardCharsets.UTF_8)).image()).isEqualTo("x");
    }
}
