// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A signal to `dolium run` ends the container with everything in it.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class SignalsTest {
    @TempDir
    Path directory;

    /// A container with processes that do not want to end, recognized by their argument.
    private Process started(String marker, String... options) throws Exception {
        Path root = TinyRoot.make(directory);
        String script = "trap '' INT TERM HUP; sleep " + marker + " & echo ready; while true; do sleep " + marker + "; done";
        Process process = CommandLineRun.forked(Stream.concat(
                                Stream.of("run", "--rootfs", root.toString()),
                                Stream.concat(Stream.of(options), Stream.of("sh", "-c", script)))
                        .toArray(String[]::new))
                .redirectError(Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        // what the shell forked may not have called exec yet, and has no arguments while it does
        Await.that("the shell and two that sleep", () -> running(marker).size() == 3);
        return process;
    }

    private static List<String> running(String marker) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(path -> Character.isDigit(path.getFileName().toString().charAt(0)))
                    .map(SignalsTest::commandLine)
                    .filter(line -> line.startsWith("sleep " + marker) || line.startsWith("sh -c trap"))
                    .filter(line -> line.contains(marker))
                    .toList();
        }
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException e) {
            return ""; // ended meanwhile
        }
    }

    private static String marker() {
        return "99999." + System.nanoTime();
    }

    private static void send(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, "" + process.pid()).inheritIO().start().waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void a_signal_stops_the_container_and_kills_it_when_its_time_is_over(String signal) throws Exception {
        String marker = marker();
        Process process = started(marker, "--stop-timeout", "1");
        send(signal, process);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(running(marker)).isEmpty();
        assertThat(process.exitValue()).isEqualTo(137);
    }

    @Test
    void a_second_signal_kills_at_once() throws Exception {
        String marker = marker();
        Process process = started(marker, "--stop-timeout", "600");
        send("INT", process);
        assertThat(process.waitFor(1, TimeUnit.SECONDS)).isFalse();
        send("INT", process);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(running(marker)).isEmpty();
        assertThat(process.exitValue()).isEqualTo(137);
    }

    @Test
    void the_command_is_asked_by_the_stop_signal_and_its_status_is_doliums() throws Exception {
        String script = "trap 'exit 3' INT TERM; trap 'exit 4' 35; trap 'echo told' USR1; echo ready; while true; do sleep 0.05; done";
        Process process = CommandLineRun.forked("run", "--rootfs", TinyRoot.make(directory).toString(), "--stop-signal",
                "SIGRTMIN+1", "sh", "-c", script).redirectError(Redirect.INHERIT).start();
        BufferedReader reader = process.inputReader();
        assertThat(reader.readLine()).isEqualTo("ready");
        send("USR1", process);
        assertThat(reader.readLine()).isEqualTo("told");
        send("TERM", process);
        assertThat(process.waitFor()).isEqualTo(4);
    }

    @Test
    void what_is_run_again_is_not_when_it_was_stopped() throws Exception {
        String script = "trap 'exit 5' TERM; echo $$ >> /mnt/runs; test $(wc -l < /mnt/runs) -gt 2 || exit 1;"
                + " echo ready; while true; do sleep 0.05; done";
        Path shared = Files.createDirectories(directory.resolve("shared"));
        Process process = CommandLineRun.forked("run", "--rootfs", TinyRoot.make(Files.createDirectories(directory.resolve("root"))).toString(),
                "-v", shared + ":/mnt", "--restart", "always", "--init", "sh", "-c", script).redirectError(Redirect.INHERIT).start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        send("TERM", process);
        assertThat(process.waitFor()).isEqualTo(5);
        assertThat(shared.resolve("runs")).hasContent("2\n2\n2\n"); // the init is process 1
    }

    @Test
    void killing_dolium_kills_the_container() throws Exception {
        String marker = marker();
        Process process = started(marker);
        send("KILL", process);
        assertThat(process.waitFor()).isEqualTo(137);
        Await.that("the kernel has killed them, for which nobody waits", () -> running(marker).isEmpty());
    }

    @Test
    void killing_the_command_gives_its_status() throws Exception {
        String marker = marker();
        Process process = started(marker);
        ProcessHandle command = process.toHandle().children().findFirst().orElseThrow();
        assertThat(command.destroyForcibly()).isTrue();
        assertThat(process.waitFor()).isEqualTo(137);
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void a_time_out_ends_everything() throws Exception {
        String marker = marker();
        Process process = started(marker, "--timeout", "15s");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(running(marker)).isEmpty();
        assertThat(process.exitValue()).isEqualTo(124);
    }
}
