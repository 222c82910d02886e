// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Result;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `dolium run IMAGE` and `dolium images`, in Docker's words.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RunImageTest {
    private static final String RUN = "'Entrypoint':['echo','entry'],'Cmd':['cmd'],'Env':['A=image'],'WorkingDir':'/work',"
            + "'User':'alice','Volumes':{'/data':{}}";

    @TempDir
    Path directory;

    private Path store;

    @BeforeEach
    void make() throws Exception {
        Path layout = ImageFiles.layout(directory, ImageFiles.architecture(), RUN);
        store = ImageFiles.store(directory, layout, "tiny", "tiny:2", "example.com/a/b:1");
    }

    private String[] line(String... arguments) {
        List<String> line = new ArrayList<>(List.of("--store", store.toString()));
        line.addAll(List.of(arguments));
        return line.toArray(new String[0]);
    }

    private String output(String... arguments) throws Exception {
        return CommandLineRun.output(line(arguments));
    }

    @Test
    void the_first_word_is_the_image_and_the_rest_its_command() throws Exception {
        assertThat(output("tiny")).isEqualTo("entry cmd\n");
        assertThat(output("tiny", "mine", "-x", "--", "y")).isEqualTo("entry mine -x -- y\n");
        assertThat(output("tiny:2")).isEqualTo("entry cmd\n");
        assertThat(output("--pull", "never", "example.com/a/b:1", "x")).isEqualTo("entry x\n");
        assertThat(output("--entrypoint", "sh", "tiny", "-c", "echo own")).isEqualTo("own\n");
        assertThat(output("--entrypoint", "pwd", "tiny")).isEqualTo("/work\n");
        assertThat(output("--entrypoint", "", "tiny", "echo", "no entry")).isEqualTo("no entry\n");
    }

    @Test
    void after_two_dashes_or_with_a_root_it_is_a_command() throws Exception {
        assertThat(CommandLineRun.output("--", "echo", "tiny")).isEqualTo("tiny\n");
        assertThat(CommandLineRun.output("--rootfs", directory.resolve("tiny").toString(), "echo", "tiny")).isEqualTo("tiny\n");
        assertThat(output("-e", "X=--", "tiny", "--")).isEqualTo("entry --\n");
    }

    @Test
    void options_change_what_the_image_says() throws Exception {
        String script = "echo $A $B; id -u; pwd; touch /data/x && echo data";
        assertThat(output("--entrypoint", "sh", "-u", "0", "tiny", "-c", script)).isEqualTo("image\n0\n/work\ndata\n");
        assertThat(output("--entrypoint", "sh", "-e", "A=mine", "-e", "B=more", "-u", "1000", "-w", "/new/dir", "tiny", "-c",
                        "echo $A $B; id -u; pwd"))
                .isEqualTo("mine more\n1000\n/new/dir\n");
        Path data = Files.createDirectory(directory.resolve("data"));
        assertThat(output("--entrypoint", "sh", "-u", "0", "-v", data + ":/data", "tiny", "-c", script)).endsWith("data\n");
        assertThat(data.resolve("x")).exists();
    }

    @Test
    void a_read_only_image_has_writable_volumes() throws Exception {
        Result result = CommandLineRun.builder(line("--read-only", "--entrypoint", "sh", "-u", "0", "tiny", "-c",
                        "touch /x; touch /data/x && echo data"))
                .run();
        assertThat(result.stdout()).isEqualTo("data\n");
        assertThat(result.stderr()).contains("Read-only file system");
    }

    @Test
    void what_is_not_there_is_said_so() {
        assertThatThrownBy(() -> CommandLineRun.builder(line("--pull", "never", "other")))
                .isInstanceOf(NoSuchFileException.class).hasMessageContaining("no such image here");
        assertThatThrownBy(() -> CommandLineRun.builder(line("--pull", "sometimes", "tiny"))).hasMessageContaining("always, missing and never");
        assertThatThrownBy(() -> CommandLineRun.builder(line("a//b"))).isInstanceOf(IllegalArgumentException.class);
        CommandLineRun run = CommandLineRun.here("run", "--store", store.toString(), "localhost:1/sh");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("Unable to find image 'localhost:1/sh:latest' locally");
    }

    private CommandLineRun images(String... arguments) {
        List<String> line = new ArrayList<>(List.of("images"));
        line.addAll(List.of(line(arguments)));
        CommandLineRun run = CommandLineRun.here(line.toArray(new String[0]));
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run;
    }

    @Test
    void images_lists_in_dockers_columns() {
        List<String> lines = images().out().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).matches("REPOSITORY        TAG       IMAGE ID       CREATED       SIZE");
        assertThat(lines.get(1)).matches("tiny              latest    [0-9a-f]{12}   [0-9]+ years ago   [0-9.]+MB".replace("ago   ", "ago\\s+"));
        assertThat(lines).anyMatch(line -> line.startsWith("example.com/a/b   1   "));
        assertThat(images("--digests").out().lines().findFirst().orElseThrow()).containsPattern("TAG +DIGEST +IMAGE ID");
        assertThat(images("-q").out()).matches("[0-9a-f]{12}\n");
        assertThat(images("-q", "--no-trunc").out()).matches("sha256:[0-9a-f]{64}\n");
        assertThat(images("tiny:2").out().lines()).hasSize(2);
        assertThat(images("none").out().lines()).hasSize(1);
        assertThat(images("--format", "{{.Repository}}:{{.Tag}}").out().lines()).containsExactly(
                "tiny:latest", "tiny:2", "example.com/a/b:1");
        assertThat(images("--format", "json", "tiny:2").out()).startsWith("{\"Repository\":\"tiny\",\"Tag\":\"2\",\"Digest\":\"sha256:")
                .contains("\"CreatedAt\":\"2020-01-02 03:04:05 +0000 UTC\"");
        assertThat(images("--format", "table {{.ID}}\\t{{.Size}}", "tiny:2").out()).startsWith("IMAGE ID       SIZE\n");
        assertThat(CommandLineRun.here("images", "--format", "{{.Nothing}}").err()).contains("there is no .Nothing");
    }
}
