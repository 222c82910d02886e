// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.dolium.kernel.Fd;
import org.dolium.launch.AttachSocket;
import org.dolium.plan.Step;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.QuickJvm;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of a container with a monitor when its JVM is killed: nothing, or all of it.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(300)
class MonitorKillTest {
    private static final long RACE_SECONDS = Long.getLong("dolium.raceSeconds", 3);
    /// Prints until somebody removes the file, and then a last line. Its name in the list of processes is the test's directory.
    private static final String SCRIPT = "n=0; while test -e /tmp/go; do n=$((n+1)); echo line $n; sleep 0.05; done; echo last $n; exit 6";

    @TempDir
    Path root;

    @TempDir
    Path directory;

    private Process jvm(Path at, String last, boolean terminal) throws Exception {
        TinyRoot.make(root);
        Files.writeString(root.resolve("tmp/go"), "");
        List<String> command = QuickJvm.command();
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), MonitorMain.class.getName(), root.toString(), at.toString(), SCRIPT, last,
                Boolean.toString(terminal)));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        assertThat(jvm.inputReader().readLine()).isEqualTo("ready");
        return jvm;
    }

    private static void kill(Process jvm) throws Exception {
        jvm.destroyForcibly().waitFor();
        jvm.getInputStream().close();
    }

    private static void awaitLine(Process jvm, String wanted) throws IOException {
        String line = jvm.inputReader().readLine();
        while (line != null && !line.equals(wanted)) {
            line = jvm.inputReader().readLine();
        }
        assertThat(line).isEqualTo(wanted);
    }

    private static boolean isPartOf(ProcessHandle process, Path at) {
        try {
            String words = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
            return words.contains("while test -e") && words.contains(at.toString()) && !words.contains("MonitorMain");
        } catch (IOException e) {
            return false;
        }
    }

    /// Waits for the end of all processes of the container, and of its monitor.
    private static void awaitNothing(Path at) throws Exception {
        long deadline = System.nanoTime() + MonitoredLaunch.LONG.toNanos();
        while (isLeft(at)) {
            assertThat(System.nanoTime()).as("something is left").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static boolean isLeft(Path at) throws IOException {
        return Files.exists(at.resolve("lock")) && MonitoredLaunch.locked(at)
                || ProcessHandle.allProcesses().anyMatch(process -> isPartOf(process, at));
    }

    @ParameterizedTest
    @CsvSource({"made,false", "made,true", "started,false", "started,true"})
    void a_jvm_that_is_killed_before_the_release_leaves_nothing(String point, boolean terminal) throws Exception {
        Process jvm = jvm(directory, point, terminal);
        awaitLine(jvm, point);
        kill(jvm);
        awaitNothing(directory);
        assertThat(directory.resolve("status")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_jvm_that_is_killed_after_the_release_changes_nothing(boolean terminal) throws Exception {
        Process jvm = jvm(directory, "released", terminal);
        awaitLine(jvm, "released");
        kill(jvm);
        try (Fd folder = Fd.open(directory.toString(), 0, 0);
                AttachSocket monitor = AttachSocket.connect(folder, "attach");
                Fd master = monitor == null ? null : monitor.ask(Step.Monitor.SHARE, MonitoredLaunch.LONG)) {
            assertThat(master != null && TerminalCalls.isMaster(master)).isEqualTo(terminal);
        }
        assertGoesOn(directory);
    }

    /// The monitor lives and writes; when the container ends by itself it has logged every line, and tells of the end.
    private void assertGoesOn(Path at) throws Exception {
        assertThat(MonitoredLaunch.locked(at)).isTrue();
        int lines = lines(at).size();
        long deadline = System.nanoTime() + MonitoredLaunch.LONG.toNanos();
        while (lines(at).size() < lines + 2) {
            assertThat(System.nanoTime()).as("nothing more is logged").isLessThan(deadline);
            Thread.sleep(10);
        }
        Files.delete(root.resolve("tmp/go"));
        awaitNothing(at);
        assertThat(MonitoredLaunch.status(at).waitStatus()).isEqualTo(6 << 8);
        assertThat(MonitoredLaunch.status(at).lost()).isZero();
        List<String> all = lines(at);
        for (int i = 0; i < all.size() - 1; i++) {
            assertThat(all.get(i)).isEqualTo("line " + (i + 1));
        }
        assertThat(all.getLast()).isEqualTo("last " + (all.size() - 1));
    }

    private static List<String> lines(Path at) throws IOException {
        StringBuilder text = new StringBuilder();
        for (MonitoredLaunch.Entry entry : MonitoredLaunch.entries(at.resolve("log"))) {
            text.append(entry.text());
        }
        return text.toString().lines().toList();
    }

    /// At any time, or shortly after a point of the handshake: a container that was released goes on, any other is gone.
    @Test
    void a_jvm_can_be_killed_at_any_time() throws Exception {
        Random random = new Random(7);
        String[] points = {"ready", "made", "started"};
        long end = System.nanoTime() + RACE_SECONDS * 1_000_000_000L;
        for (int i = 0; i < points.length || System.nanoTime() < end; i++) {
            Path at = Files.createDirectory(directory.resolve("c" + i));
            String point = points[i % points.length];
            Process jvm = jvm(at, "released", i % 2 == 1);
            if (!point.equals("ready")) {
                awaitLine(jvm, point);
            }
            long delay = random.nextLong(point.equals("ready") ? 1_200_000_000L : 10_000_000L);
            for (long start = System.nanoTime(); System.nanoTime() - start < delay; ) {
                Thread.onSpinWait();
            }
            kill(jvm);
            if (Files.exists(at.resolve("released")) || goesOn(at)) {
                assertGoesOn(at);
            }
        }
    }

    /// The JVM may have been killed between the release and the file that says so. If nothing is left, this is false.
    private static boolean goesOn(Path at) throws Exception {
        int before = Files.exists(at.resolve("log")) ? lines(at).size() : 0;
        long deadline = System.nanoTime() + MonitoredLaunch.LONG.toNanos();
        while (isLeft(at)) {
            if (Files.exists(at.resolve("log")) && lines(at).size() > before + 20) {
                return true;
            }
            assertThat(System.nanoTime()).as("something is left that neither goes on nor ends").isLessThan(deadline);
            Thread.sleep(10);
        }
        assertThat(at.resolve("status")).doesNotExist();
        return false;
    }
}
