// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.container.Attachment;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Detached containers with standard input and without a terminal, by the command line.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedInputTest {
    @TempDir
    Path directory;

    private Containers containers() throws Exception {
        return Containers.at(directory.resolve("state"));
    }

    @AfterEach
    void remove() throws Exception {
        for (DetachedContainer container : containers().list()) {
            container.remove(true);
        }
    }

    private Process dolium(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--state", directory.resolve("state").toString()));
        return CommandLineRun.forked(all.toArray(String[]::new)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /// What it prints when it gets `input` and then the end of it.
    private String said(int status, String input, String... arguments) throws Exception {
        Process process = dolium(arguments);
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(status);
        return output;
    }

    private String root() throws Exception {
        return TinyRoot.make(Files.createDirectories(directory.resolve("root"))).toString();
    }

    @Test
    void who_starts_it_gives_it_the_end_of_the_input() throws Exception {
        said(0, "", "create", "-i", "--name", "cat", "--rootfs", root(), "sh", "-c", "cat; echo end; exit 5");
        assertThat(said(5, "one\ntwo\n", "start", "-ai", "cat")).isEqualTo("one\ntwo\nend\n");
        assertThat(said(5, "three\n", "start", "-i", "cat")).isEqualTo("three\nend\n");
        assertThat(said(0, "", "inspect", "--format", "{{.Config.OpenStdin}} {{.Config.Tty}}", "cat")).isEqualTo("true false\n");
    }

    @Test
    void who_attaches_to_it_leaves_it_its_input() throws Exception {
        said(0, "", "run", "-di", "--name", "cat", "--rootfs", root(), "sh", "-c", "cat; echo end; exit 5");
        Process first = dolium("attach", "cat");
        first.getOutputStream().write("one\n".getBytes(StandardCharsets.UTF_8));
        first.getOutputStream().close();
        assertThat(first.inputReader().readLine()).isEqualTo("one");
        Process second = dolium("attach", "cat");
        second.getOutputStream().write("two\n".getBytes(StandardCharsets.UTF_8));
        second.getOutputStream().flush();
        assertThat(second.inputReader().readLine()).isEqualTo("two");
        assertThat(first.inputReader().readLine()).isEqualTo("two");
        Process silent = dolium("attach", "--no-stdin", "cat");
        silent.getOutputStream().write("three\n".getBytes(StandardCharsets.UTF_8));
        silent.getOutputStream().close();
        first.destroyForcibly().waitFor();
        second.destroyForcibly().waitFor();
        DetachedContainer container = containers().find("cat").orElseThrow();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        try (Attachment attached = container.attach()) {
            while (!silent.inputReader().ready()) { // until it is attached
                attached.input().write("tick\n".getBytes(StandardCharsets.UTF_8));
                Thread.sleep(50);
            }
            attached.input().close();
        }
        Await.that("its end", () -> container.state() == DetachedState.EXITED);
        assertThat(silent.waitFor()).isEqualTo(5);
        assertThat(said(0, "", "logs", "cat")).startsWith("one\ntwo\ntick\n").endsWith("tick\nend\n").doesNotContain("three");
    }

    @Test
    void without_i_nothing_is_read() throws Exception {
        said(0, "", "run", "-d", "--name", "cat", "--rootfs", root(), "sh", "-c", "cat; sleep 1000");
        Process attached = dolium("attach", "cat");
        attached.getOutputStream().write("x\n".getBytes(StandardCharsets.UTF_8));
        containers().find("cat").orElseThrow().stop(org.dolium.container.Signal.KILL, java.time.Duration.ZERO);
        assertThat(attached.waitFor()).isIn(137, 1); // it may have come too late to attach
        assertThat(said(0, "", "logs", "cat")).isEmpty();
    }
}
