// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.container.ExitStatus;
import org.dolium.container.Result;
import org.dolium.container.Signal;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class UntrustedScriptTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofSeconds(3);

    private static List<String> running(String argument) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.map(UntrustedScriptTest::commandLine).filter(line -> line.contains(argument)).toList();
        }
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException e) {
            return ""; // no process, or it ended meanwhile
        }
    }

    @Test
    void a_script_that_ends_in_time_gives_its_result() throws Exception {
        Result result = UntrustedScript.run("echo out; echo err >&2; exit 5", LIMIT);
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(5));
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void an_endless_script_is_killed_with_all_that_it_started() throws Exception {
        String marker = "99998." + System.nanoTime();
        String script = "trap '' TERM INT HUP; (setsid sleep " + marker + " &) ; sleep " + marker
                + " & echo working; while true; do true; done";
        long start = System.nanoTime();
        Result result = UntrustedScript.run(script, SHORT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, SHORT.plusSeconds(30));
        assertThat(result.status()).isEqualTo(new ExitStatus.TimedOut(SHORT));
        assertThat(result.stdout()).isEqualTo("working\n");
        assertThat(running(marker)).isEmpty();
    }

    @Test
    void the_search_for_what_remains_finds_something_that_does() throws Exception {
        String marker = "99998." + System.nanoTime();
        Process process = new ProcessBuilder("sleep", marker).start();
        try {
            Await.that("the process is found", () -> running(marker).size() == 1);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void it_is_nobody_without_capabilities() throws Exception {
        Result result = UntrustedScript.run(
                "id -u; id -g; grep -E '^(Cap|NoNew)' /proc/self/status | tr -d '\\n'", LIMIT);
        assertThat(result.stdout()).isEqualTo("65534\n65534\n" + ("CapInh: CapPrm: CapEff: CapBnd: CapAmb: ")
                        .replace(": ", ":\t0000000000000000") + "NoNewPrivs:\t1");
    }

    @Test
    void it_has_no_file_of_the_host_and_no_network() throws Exception {
        Result result = UntrustedScript.run("cat /etc/passwd; ls /home /root; ls /sys/class/net | wc -l", LIMIT);
        assertThat(result.stdout().strip()).isEqualTo("1"); // lo, and that is down
        assertThat(result.stderr().lines()).hasSize(3).allMatch(line -> line.contains("No such file or directory"));
    }

    @Test
    void its_files_and_its_output_are_bounded() throws Exception {
        Result file = UntrustedScript.run("exec head -c 2000000 /dev/zero > /tmp/large", LIMIT);
        // the first process of a pid namespace ignores SIGXFSZ, and gets EFBIG
        assertThat(file.status()).isIn(
                new ExitStatus.Exited(1), new ExitStatus.Signalled(new Signal(25), false));
        assertThat(file.stderr()).contains("File too large");

        Result output = UntrustedScript.run("head -c 3000000 /dev/zero; exit 0", LIMIT);
        assertThat(output.status().success()).isTrue();
        assertThat(output.stdoutBytes()).hasSize(1 << 20);
        assertThat(output.truncated()).isTrue();
    }

    @Test
    void each_way_to_end_has_its_words() {
        assertThat(UntrustedScript.explain(new ExitStatus.Exited(5))).isEqualTo("ended with exit code 5");
        assertThat(UntrustedScript.explain(new ExitStatus.Signalled(Signal.KILL, false))).isEqualTo("ended by SIGKILL");
        assertThat(UntrustedScript.explain(new ExitStatus.TimedOut(SHORT))).isEqualTo("killed after 3000 ms");
        assertThat(UntrustedScript.explain(new ExitStatus.OutOfMemory())).isEqualTo("killed for using too much memory");
    }

    @Test
    void the_program_prints_what_happened() throws Exception {
        assertThat(Printed.by(UntrustedScript::main)).isEqualTo("working\nkilled after 3000 ms\n");
    }
}
