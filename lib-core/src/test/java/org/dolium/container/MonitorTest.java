// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.process.Rlimit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Containers that a monitor watches: what it writes, and who dies with whom.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(120)
class MonitorTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;

    @TempDir
    Path root;

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(root))).command(command);
    }

    private ContainerBuilder shell(String script) throws Exception {
        return tiny("sh", "-c", script);
    }

    private MonitoredLaunch launch(ContainerBuilder builder) throws Exception {
        return MonitoredLaunch.of(builder, directory);
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + MonitoredLaunch.LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Test
    void a_log_has_what_both_streams_said_and_when() throws Exception {
        Instant before = Instant.now();
        try (MonitoredLaunch launch = launch(shell("echo out; echo err >&2; exit 7")).released()) {
            launch.awaitEnd();
            Instant after = Instant.now();
            List<MonitoredLaunch.Entry> entries = MonitoredLaunch.entries(directory.resolve("log"));
            assertThat(entries).extracting(MonitoredLaunch.Entry::stream).containsExactlyInAnyOrder(1, 2);
            assertThat(launch.text(1)).isEqualTo("out\n");
            assertThat(launch.text(2)).isEqualTo("err\n");
            for (MonitoredLaunch.Entry entry : entries) {
                assertThat(Instant.ofEpochSecond(entry.seconds(), entry.nanos())).isBetween(before, after);
            }
            MonitoredLaunch.Status status = launch.status();
            assertThat(status.waitStatus()).isEqualTo(7 << 8);
            assertThat(status.lost()).isZero();
            assertThat(Instant.ofEpochSecond(status.seconds(), status.nanos())).isBetween(before, after);
            assertThat(status.residentKib()).isBetween(1L, 100_000L);
            assertThat(directory.resolve("status.new")).doesNotExist();
        }
    }

    @Test
    void a_status_tells_of_the_signal_that_ended_the_command() throws Exception {
        try (MonitoredLaunch launch = launch(tiny("sleep", "1000")).released()) {
            assertThat(MonitoredLaunch.locked(directory)).isTrue();
            launch.signal(SIGKILL);
            launch.awaitEnd();
            assertThat(launch.status().waitStatus()).isEqualTo(SIGKILL);
            assertThat(MonitoredLaunch.locked(directory)).isFalse();
        }
    }

    @Test
    void everything_is_logged_in_records_of_what_was_read() throws Exception {
        try (MonitoredLaunch launch = launch(shell("seq 1 60000; seq 1 60000 >&2")).released()) {
            launch.awaitEnd();
            assertThat(launch.text(1)).isEqualTo(numbers(1, 60_000));
            assertThat(launch.text(2)).isEqualTo(numbers(1, 60_000));
            assertThat(MonitoredLaunch.entries(directory.resolve("log")))
                    .allSatisfy(entry -> assertThat(entry.bytes().length).isBetween(1, 16_384));
        }
    }

    static String numbers(int first, int last) {
        StringBuilder text = new StringBuilder();
        for (int i = first; i <= last; i++) {
            text.append(i).append('\n');
        }
        return text.toString();
    }

    @Test
    void a_long_log_is_continued_and_the_oldest_part_goes() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(shell("seq 1 60000"), directory);
        draft.logBytes = 50_000;
        draft.logFiles = 3;
        try (MonitoredLaunch launch = draft.launch().released()) {
            launch.awaitEnd();
            for (String name : List.of("log", "log.1", "log.2")) {
                assertThat(Files.size(directory.resolve(name))).as(name).isLessThan(50_000 + 2 * (16_384 + 24));
            }
            assertThat(Files.size(directory.resolve("log.1"))).isGreaterThanOrEqualTo(50_000);
            assertThat(directory.resolve("log.3")).doesNotExist();
            assertThat(launch.text(1)).hasSizeGreaterThanOrEqualTo(99_000);
            assertThat(numbers(1, 60_000)).endsWith(launch.text(1));
            assertThat(launch.status().lost()).isZero();
        }
    }

    @Test
    void a_log_of_one_file_begins_anew() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(shell("seq 1 60000"), directory);
        draft.logBytes = 50_000;
        try (MonitoredLaunch launch = draft.launch().released()) {
            launch.awaitEnd();
            assertThat(directory.resolve("log.1")).doesNotExist();
            assertThat(Files.size(directory.resolve("log"))).isLessThan(50_000 + 2 * (16_384 + 24));
            assertThat(numbers(1, 60_000)).endsWith(launch.text(1));
        }
    }

    @Test
    void a_full_disk_loses_records_and_nothing_else() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(shell("seq 1 60000; exit 3"), directory);
        draft.log = Path.of("/dev/full");
        try (MonitoredLaunch launch = draft.launch().released()) {
            launch.awaitEnd();
            assertThat(launch.status().waitStatus()).isEqualTo(3 << 8);
            assertThat(launch.status().lost()).isEqualTo(numbers(1, 60_000).length());
        }
    }

    /// Where another process has the pipe, too, and goes on writing.
    @Test
    void what_keeps_a_pipe_open_does_not_keep_the_monitor() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(shell("seq 1 5000"), directory);
        draft.keepsOutput = true;
        try (MonitoredLaunch launch = draft.launch()) {
            try (Fd output = draft.output) {
                launch.released();
                Thread writer = Thread.ofPlatform().start(() -> write(output));
                launch.awaitEnd();
                assertThat(launch.status().waitStatus()).isZero();
                assertThat(launch.text(1).replace("x", "")).isEqualTo(numbers(1, 5000));
                writer.join();
            }
        }
    }

    private static void write(Fd pipe) {
        try {
            while (true) {
                pipe.write(new byte[] {'x'}, "pipe");
            }
        } catch (IOException e) {
            // nobody reads any more
        }
    }

    static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @Test
    void a_container_dies_with_its_monitor() throws Exception {
        try (MonitoredLaunch launch = launch(tiny("sleep", "1000")).released()) {
            kill(launch.detached().monitorPid());
            await(launch::ended);
            launch.awaitEnd();
            assertThat(directory.resolve("status")).doesNotExist();
            assertThat(MonitoredLaunch.locked(directory)).isFalse();
        }
    }

    /// The negative control: it is the parent-death signal that does it.
    @Test
    void without_its_parent_death_signal_a_container_outlives_its_monitor() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(tiny("sleep", "1000"), directory);
        draft.change = plan -> new LaunchPlan(
                plan.steps().stream().map(step -> step.toString().contains("PR_SET_PDEATHSIG") ? Variant.NOTHING : step).toList(),
                plan.statusFd());
        try (MonitoredLaunch launch = draft.launch().released()) {
            kill(launch.detached().monitorPid());
            launch.awaitEnd();
            assertThat(launch.ended()).isFalse();
        }
    }

    @Test
    void who_does_not_release_a_container_ends_it() throws Exception {
        try (MonitoredLaunch launch = launch(shell("echo x; sleep 1000"))) {
            launch.detached().awaitStarted(MonitoredLaunch.LONG);
            launch.detached().close();
            assertThat(launch.ended()).isTrue();
            launch.awaitEnd();
            assertThat(directory.resolve("status")).doesNotExist();
            assertThat(MonitoredLaunch.locked(directory)).isFalse();
        }
    }

    @Test
    void a_monitor_that_was_killed_before_the_release_is_told() throws Exception {
        try (MonitoredLaunch launch = launch(tiny("sleep", "1000"))) {
            launch.detached().awaitStarted(MonitoredLaunch.LONG);
            kill(launch.detached().monitorPid());
            assertThatIOException().isThrownBy(() -> launch.detached().release(MonitoredLaunch.LONG))
                    .withMessageContaining("has ended: it was killed");
            await(launch::ended);
        }
    }

    /// The same step of the same plan fails, so the exception is the same to the letter.
    @ParameterizedTest
    @ValueSource(strings = {"command", "directory", "mount", "limit"})
    void a_start_fails_as_that_of_every_container(String what) throws Exception {
        ContainerBuilder builder = tiny("true");
        switch (what) {
            case "command" -> builder.command("/no/such");
            case "directory" -> builder.workingDirectory("/no/such");
            case "mount" -> builder.tmpfs("/etc/passwd");
            default -> builder.rlimit(new Rlimit(Rlimit.Resource.NOFILE, 1L << 40, 1L << 40));
        }
        LaunchException usual = catchThrowableOfType(LaunchException.class, builder::start);
        LaunchException detached = catchThrowableOfType(LaunchException.class, () -> {
            try (MonitoredLaunch launch = launch(builder)) {
                launch.released();
            }
        });
        assertThat(detached).hasMessage(usual.getMessage());
        assertThat(detached.step()).isEqualTo(usual.step());
        assertThat(directory.resolve("status")).doesNotExist();
        assertThat(MonitoredLaunch.locked(directory)).isFalse();
    }

    @Test
    void a_clone_that_fails_is_told_as_one() throws Exception {
        MonitoredLaunch.Draft draft = new MonitoredLaunch.Draft(tiny("true"), directory);
        Syscall impossible = Syscall.of(Sys.CLONE3, Arg.NULL, Arg.num(1));
        draft.change = plan -> new LaunchPlan(
                plan.steps().stream().map(step -> step instanceof Step.Monitor monitor
                        ? new Step.Monitor(impossible, monitor.firstFd(), 0, false, 0, 1, null) : step).toList(),
                plan.statusFd());
        LaunchException failure = catchThrowableOfType(LaunchException.class, draft::launch);
        assertThat(failure).hasMessageStartingWith("launch failed: clone3(NULL, 1) = -1 EINVAL");
        assertThat(failure.step()).isEqualTo(-1);
    }

    @Test
    void a_monitor_has_few_rights_and_no_more_descriptors_than_it_needs() throws Exception {
        try (MonitoredLaunch launch = launch(tiny("sleep", "1000")).released()) {
            String monitor = "" + launch.detached().monitorPid();
            Path proc = Path.of("/proc", monitor);
            ProcessStatus status = ProcessStatus.of(monitor);
            assertThat(status.field("Name")).isEqualTo("dolium-monitor");
            assertThat(status.field("NoNewPrivs")).isEqualTo("1");
            assertThat(status.field("Seccomp")).isEqualTo("2");
            assertThat(status.mask("CapPrm")).isEqualTo(ProcessStatus.self().mask("CapPrm") & 1 << 5);
            assertThat(status.mask("CapInh")).isZero();
            assertThat(status.mask("CapAmb")).isZero();
            assertThat(Files.getAttribute(proc.resolve("environ"), "unix:uid")).as("not dumpable").isEqualTo(0);
            assertThat(ProcessStatus.of("" + launch.pid()).field("PPid")).isEqualTo(monitor);
            if (ProcessStatus.self().effectiveUid() == 0) { // others may not look
                assertThat(Files.readSymbolicLink(proc.resolve("cwd"))).hasToString("/");
                await(() -> count(proc.resolve("fd")) <= 7); // it confirms that it was let go, and closes the channel after that
                assertThat(count(proc.resolve("fd"))).as("all but the channel, and the pidfd").isEqualTo(7);
            }
        }
    }

    private static long count(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_container_gets_no_descriptor_of_its_monitor() throws Exception {
        try (MonitoredLaunch launch = launch(shell("ls /proc/self/fd | tr '\\n' ' '")).released()) {
            launch.awaitEnd();
            assertThat(launch.text(1)).isEqualTo("0 1 2 3 "); // the last is of the directory that ls lists
        }
    }

    @Test
    void an_init_and_its_command_are_watched() throws Exception {
        String orphan = "(sleep 0.05 & exec true); ";
        ContainerBuilder builder =
                shell(orphan + "trap 'echo caught; exit 4' TERM; echo ready; while :; do sleep 0.05; done");
        try (MonitoredLaunch launch = launch(builder.init(true)).released()) {
            await(() -> text(launch, 1).equals("ready\n"));
            launch.signal(SIGTERM);
            launch.awaitEnd();
            assertThat(launch.text(1)).isEqualTo("ready\ncaught\n");
            assertThat(launch.status().waitStatus()).isEqualTo(4 << 8);
        }
    }

    static String text(MonitoredLaunch launch, int stream) {
        try {
            return launch.text(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The second shell opens it again when the first has closed it, as programs do that use a console for single lines.
    @Test
    void a_terminal_is_logged() throws Exception {
        String script = "test -t 0 && stty size; exec 0</dev/null >/dev/null 2>&1; sleep 0.2; echo again > /dev/console";
        try (MonitoredLaunch launch = launch(shell(script).terminal()).released()) {
            launch.awaitEnd();
            assertThat(launch.text(1)).isEqualTo("24 80\r\nagain\r\n");
            assertThat(launch.text(2)).isEmpty();
        }
    }

    @Test
    void every_way_to_have_users_is_watched() throws Exception {
        for (Mode mode : Mode.here()) {
            Path other = Files.createDirectory(directory.resolve(mode.name()));
            ContainerBuilder builder = mode.apply(shell("id -u; grep Seccomp: /proc/self/status; exec sleep 1000").oomScoreAdj(700));
            try (MonitoredLaunch launch = MonitoredLaunch.of(builder, other).released()) {
                await(() -> text(launch, 1).equals("0\nSeccomp:\t2\n"));
                kill(launch.detached().monitorPid());
                await(launch::ended);
            }
        }
    }

    @Test
    void what_needs_the_jvm_is_refused() throws Exception {
        ContainerBuilder first = tiny("sleep", "1000");
        try (Container running = first.start()) {
            ContainerBuilder joins =
                    tiny("true").namespace(NamespaceKind.PID, NamespaceMode.Join.ofPid(running.pid(), NamespaceKind.PID));
            if (ProcessStatus.self().effectiveUid() == 0) {
                assertThatIllegalArgumentException().isThrownBy(() -> launch(joins)).withMessageContaining("pid namespace");
            }
        }
    }
}
