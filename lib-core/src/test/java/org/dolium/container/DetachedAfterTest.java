// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dolium.kernel.Fd;
import org.dolium.launch.Parked;
import org.dolium.plan.LaunchPlan;
import org.dolium.sandbox.FollowUp;
import org.dolium.sandbox.FollowUpPlanner;
import org.dolium.state.Entry;
import org.dolium.state.StateDirectory;
import org.dolium.testing.Kills;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What happens when a detached container ends, and no JVM needs to be there.
@Tag("kernel")
@Timeout(300)
@ExtendWith(LeakCheck.class)
class DetachedAfterTest extends DetachedAfterCases {
    private static final long RACE_SECONDS = Long.getLong("dolium.raceSeconds", 3);
    private static final int KILLS = 6;
    private static final int POINTS = 8;

    @Test
    void a_command_that_fails_is_run_again_as_often_as_was_asked_for() throws Exception {
        String script = "echo run; exit 3";
        DetachedContainer container = start(script, after(script).restart(RestartPolicy.onFailure(3)));
        await("the last end", () -> container.restarts() == 3 && container.state() == DetachedState.EXITED && followers().isEmpty());
        assertThat(container.logs().lines()).extracting(LogLine::text).containsExactly("run", "run", "run", "run");
        assertThat(container.starts()).isEqualTo(4);
        assertThat(container.exitStatus()).contains(new ExitStatus.Exited(3));
        assertThat(container.problem()).isEmpty();
        assertThat(container.wasStopped()).isFalse();
    }

    @Test
    void a_command_that_succeeds_is_only_run_again_if_that_is_so_always() throws Exception {
        String script = "echo run";
        DetachedContainer container = start(script, after(script).restart(RestartPolicy.onFailure()));
        await("what follows", () -> done().equals(List.of("done")));
        assertThat(container.restarts()).isZero();
        container.afterEnd(after(script).restart(RestartPolicy.always()));
        container.start(script(script));
        await("two more runs", () -> container.restarts() >= 2);
        container.remove(true);
    }

    @Test
    void it_is_run_again_after_its_first_process_or_its_monitor_was_killed_and_not_after_a_stop() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.unlessStopped()));
        long monitor = container.monitorPid().orElseThrow();
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitRestarts(container, 1);
        assertThat(container.monitorPid().orElseThrow()).isNotEqualTo(monitor);
        ProcessHandle.of(container.monitorPid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitRestarts(container, 2);
        container.stop(Duration.ofSeconds(1));
        await("what follows", () -> followers().isEmpty());
        assertThat(container.state()).isEqualTo(DetachedState.EXITED);
        assertThat(container.restarts()).isEqualTo(2);
        assertThat(container.wasStopped()).isTrue();
        container.start(script(SERVICE));
        assertThat(container.wasStopped()).isFalse();
        assertThat(container.restarts()).isZero();
        container.kill(Signal.KILL);
        await("what follows", () -> container.state() == DetachedState.EXITED && followers().isEmpty());
        assertThat(container.restarts()).isZero();
    }

    @Test
    void a_pause_can_be_cut_short_by_a_stop_a_start_or_a_removal() throws Exception {
        String script = "exit 1";
        DetachedContainer container = start(script, after(script).restart(RestartPolicy.always()));
        await("a pause", container::isRestarting);
        try {
            container.stop(Duration.ofSeconds(1));
        } catch (IllegalStateException | IOException e) {
            // it does not run, and how it ended may be unknown
        }
        await("that nobody waits", () -> followers().isEmpty());
        assertThat(container.isRestarting()).isFalse();
        container.start(script(script));
        awaitLongPause(container);
        long before = container.restarts();
        container.start(script(SERVICE));
        assertThat(container.restarts()).isZero();
        assertThat(before).isPositive();
        assertThat(followers()).hasSize(1);
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitLongPause(container);
        container.remove(true);
        assertThat(followers()).isEmpty();
        assertThat(entries()).isEmpty();
    }

    @Test
    void who_stops_it_waits_until_an_attempt_to_run_it_again_was_given_up() throws Exception {
        DetachedContainer container = start("exit 3", after("exit 3"));
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(3));
        await("what follows", () -> followers().isEmpty());
        CompletableFuture<Stopped> stopped;
        try (StateDirectory state = containers.open();
                Entry entry = state.entry(container.id());
                Fd _ = entry.tryLock()) {
            Map<String, byte[]> last = entry.lastRun();
            entry.forgetRun();
            stopped = CompletableFuture.supplyAsync(() -> stop(container));
            await("the wish", () -> entry.folder().has(Entry.STOPPED));
            assertThatThrownBy(() -> stopped.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            entry.lastRun(last);
        }
        assertThat(stopped.get().status()).isEqualTo(new ExitStatus.Exited(3));
    }

    private static Stopped stop(DetachedContainer container) {
        try {
            return container.stop(Duration.ZERO);
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void what_is_to_be_removed_is_gone_although_the_jvm_that_started_it_is() throws Exception {
        String id = said("start-after", "job", directory.resolve("done").toString(), "echo x; while :; do sleep 0.1; done", "remove")
                .stream().filter(line -> line.startsWith("started ")).findFirst().orElseThrow().substring("started ".length());
        DetachedContainer container = containers.find(id).orElseThrow();
        awaitLine(container, "x");
        assertThat(container.stop(Duration.ofSeconds(1)).status()).isInstanceOf(ExitStatus.Signalled.class);
        await("the removal", () -> entries().isEmpty() && names().isEmpty() && groups(id).isEmpty() && followers().isEmpty());
        assertThat(done()).containsExactly("done");
    }

    @Test
    void a_run_that_takes_too_long_is_killed_without_a_jvm() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).timeout(Duration.ofMillis(1500)));
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.TimedOut(Duration.ofMillis(1500)));
        assertThat(container.exitStatus().orElseThrow().shellCode()).isEqualTo(124);
        assertThat(Duration.between(container.started().orElseThrow(), container.finished().orElseThrow())).isBetween(
                Duration.ofMillis(1500), LONG);
        await("what follows", () -> done().equals(List.of("done")));
        container.start(script("exit 4"));
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(4));
    }

    @Test
    void what_could_not_be_done_is_told_and_tried_again() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.always()));
        Path gone = Files.move(root, directory.resolve("gone"));
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        await("the failure", () -> container.problem().equals(Optional.of("the image is gone")));
        Files.move(gone, root);
        awaitRestarts(container, 2);
        await("that all is well", () -> container.problem().isEmpty());
    }

    @Test
    void a_policy_can_be_given_to_a_container_that_runs() throws Exception {
        DetachedContainer container = containers.start(script(SERVICE), named("job"));
        assertThat(followers()).isEmpty();
        assertThat(container.afterEnd()).isEmpty();
        container.afterEnd(after(SERVICE).restart(RestartPolicy.onFailure(1)));
        container.afterEnd(after(SERVICE).restart(RestartPolicy.onFailure(2)));
        assertThat(container.afterEnd().orElseThrow().policy()).isEqualTo(RestartPolicy.onFailure(2));
        assertThat(followers()).hasSize(1);
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitRestarts(container, 1);
    }

    @Test
    void a_policy_that_nobody_can_follow_is_not_kept() throws Exception {
        DetachedContainer container = containers.start(script(SERVICE), named("job"));
        AfterEnd nothing = AfterEnd.execute(List.of("/no/such/program")).restart(RestartPolicy.always());
        assertThatThrownBy(() -> container.afterEnd(nothing)).isInstanceOf(IOException.class).hasMessageContaining("/no/such/program");
        assertThat(container.afterEnd()).isEmpty();
        assertThat(followers()).isEmpty();
        container.stop(Duration.ZERO);
        container.afterEnd(after(SERVICE).restart(RestartPolicy.onFailure(2)));
        container.start(script(SERVICE));
        ProcessHandle.of(parked(container)).orElseThrow().destroyForcibly();
        await("that nobody waits", () -> followers().isEmpty());
        assertThatThrownBy(() -> container.afterEnd(nothing)).isInstanceOf(IOException.class);
        assertThat(container.afterEnd().orElseThrow().policy()).isEqualTo(RestartPolicy.onFailure(2));
    }

    @Test
    void a_jvm_that_is_killed_while_it_starts_one_leaves_both_the_container_and_who_waits_for_its_end_or_neither() throws Exception {
        String file = directory.resolve("done").toString();
        Kills.of("start with a follower", KILLS, number -> jvm("start-after", "c" + number, file, SERVICE, "always"), number -> {
            int begun = entries().size();
            return !isWhole() && begun > 0;
        });
    }

    /// Waits until what a killed JVM has begun is done or gone, and removes it.
    ///
    /// @return whether there was a container
    private boolean isWhole() throws Exception {
        await("that nothing more happens", () -> {
            List<DetachedContainer> all = containers.list();
            List<Long> followers = followers();
            return followers.size() == all.size() && followers.stream().allMatch(this::waits) && all.stream().allMatch(this::runs);
        });
        List<DetachedContainer> all = containers.list();
        for (DetachedContainer container : all) {
            container.remove(true);
        }
        assertThat(followers()).isEmpty();
        await("that nothing is left", () -> { // a monitor that dies with its JVM does so in a moment
            containers.reclaim();
            return entries().isEmpty();
        });
        return !all.isEmpty();
    }

    @Test
    void a_jvm_can_be_killed_at_any_of_its_calls_while_it_starts_one() throws Exception {
        Path changed = Files.createDirectory(directory.resolve("changed"));
        KillPoints.write(changed);
        long points = startKilled(changed, Long.MAX_VALUE);
        assertThat(isWhole()).isTrue();
        int whole = 0;
        for (int i = 0; i < POINTS; i++) { // the last ones are about the release
            long point = points - points * i / (3 * POINTS);
            startKilled(changed, point);
            whole += isWhole() ? 1 : 0;
        }
        assertThat(whole).isLessThan(POINTS);
    }

    /// @return how many calls it had, or 0 if it was killed
    private long startKilled(Path changed, long point) throws Exception {
        String classPath = changed + File.pathSeparator + System.getProperty("java.class.path");
        Process jvm = jvmWith(
                classPath, List.of(), "start-killed", "job", directory.resolve("done").toString(), SERVICE, Long.toString(point));
        try (BufferedReader output = jvm.inputReader()) {
            String line = output.readLine();
            int status = jvm.waitFor();
            assertThat(status).as(String.valueOf(line)).isIn(0, 128 + 9);
            return line == null ? 0 : Long.parseLong(line);
        }
    }

    @Test
    void a_process_that_was_not_released_dies_with_its_jvm_and_executes_nothing() throws Exception {
        Path written = directory.resolve("written");
        Process jvm = jvm("park", written.toString());
        try (BufferedReader output = jvm.inputReader()) {
            long pid = Long.parseLong(output.readLine());
            assertThat(ProcessHandle.of(pid)).isPresent();
            jvm.destroyForcibly().waitFor();
            await("its end", () -> ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true));
        }
        assertThat(written).doesNotExist();
    }

    /// Whoever wins: there is one container or none, and a stop or a removal has the last word.
    @Test
    void others_may_start_stop_and_remove_it_while_it_is_run_again() throws Exception {
        String script = "sleep 0.1; exit 1";
        long end = System.nanoTime() + RACE_SECONDS * 1_000_000_000L;
        Random random = new Random(3);
        for (int rounds = 0; System.nanoTime() < end || rounds < 3; rounds++) {
            DetachedContainer container = start(script, after(script).restart(RestartPolicy.always()));
            for (int i = 0; i < 3; i++) {
                Thread.sleep(random.nextInt(700)); // the start of a JVM takes about half of that
                try {
                    container.start(script(script));
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("runs"); // the other one was faster
                }
            }
            Thread.sleep(random.nextInt(700));
            if (rounds % 2 == 0) {
                container.stayEnded();
                await("its end", () -> container.state() != DetachedState.RUNNING && followers().isEmpty());
                assertThat(container.isRestarting()).isFalse();
                container.remove(false);
            } else {
                container.remove(true);
            }
            assertThat(entries()).isEmpty();
            await("the end of all that follow", () -> followers().isEmpty());
            assertThat(groups(container.id())).isEmpty();
        }
    }

    private boolean runs(DetachedContainer container) {
        try {
            return container.state() == DetachedState.RUNNING;
        } catch (IOException e) {
            return false; // it is about to be removed
        }
    }

    @Test
    void a_container_whose_follower_can_not_be_started_is_not_started() throws Exception {
        AfterEnd nothing = AfterEnd.execute(List.of("/no/such/program")).restart(RestartPolicy.always());
        assertThatThrownBy(() -> start(SERVICE, nothing)).isInstanceOf(IOException.class).hasMessageContaining("'/no/such/program', which is");
        assertThat(entries()).isEmpty();
        assertThat(names()).isEmpty();
        assertThat(followers()).isEmpty();
    }

    @Test
    void what_can_not_be_executed_any_more_is_told() throws Exception {
        Path program = Files.copy(Path.of("/bin/true"), directory.resolve("program"));
        DetachedContainer container = start(SERVICE, AfterEnd.execute(List.of(program.toString())));
        Files.delete(program);
        container.stop(Duration.ZERO);
        await("that it is told", () -> container.problem().orElse("").contains("can't be executed"));
        assertThat(container.problem().orElseThrow()).contains(program.toString());
    }

    @Test
    void what_follows_can_be_done_once_only_and_only_by_who_was_asked() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.always()));
        AfterEnd.handle(
                Map.of("DOLIUM_STATE", containers.directory().toString(), "DOLIUM_CONTAINER", container.id(), "DOLIUM_TICKET", "x"),
                one -> script(SERVICE));
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(container.restarts()).isZero();
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitRestarts(container, 1); // it is still the turn of who was asked
        assertThatThrownBy(() -> AfterEnd.handle(Map.of(), one -> script(SERVICE)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("DOLIUM_TICKET");
    }

    /// Row J-06: what is executed after the end has a clean environment, the directory `/`, and no descriptors but its own.
    @Test
    void J_06_the_process_that_waits_has_nothing_but_what_it_needs() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).timeout(Duration.ofHours(1)));
        long pid = parked(container);
        Path proc = Path.of("/proc/" + pid);
        await("that it waits", () -> isWaiting(proc)); // who starts it hears of it some calls before
        assertThat(names(proc.resolve("fd"))).containsExactlyInAnyOrder("0", "1", "2", "4", "5");
        assertThat(Files.readSymbolicLink(proc.resolve("fd/0"))).hasToString("/dev/null");
        assertThat(Files.readString(proc.resolve("fdinfo/4"))).contains("Pid:\t" + container.monitorPid().orElseThrow() + "\n");
        assertThat(Files.readString(proc.resolve("fdinfo/5"))).contains("Pid:\t" + container.pid().orElseThrow() + "\n");
        assertThat(Files.readSymbolicLink(proc.resolve("cwd"))).hasToString("/");
        assertThat(Files.readAllBytes(proc.resolve("environ"))).isEmpty();
        Path own = Path.of("/proc/self");
        for (String kind : names(own.resolve("ns"))) {
            if (!kind.endsWith("_for_children")) {
                assertThat(Files.readSymbolicLink(proc.resolve("ns/" + kind))).isEqualTo(Files.readSymbolicLink(own.resolve("ns/" + kind)));
            }
        }
        assertThat(Files.readString(proc.resolve("cgroup"))).isEqualTo(Files.readString(own.resolve("cgroup")));
        for (String field : List.of("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd", "NoNewPrivs", "Uid", "Gid")) {
            assertThat(field(proc, field)).as(field).isEqualTo(field(own, field));
        }
        assertThat(field(proc, "SigBlk")).isEqualTo("0000000000000000");
        assertThat(field(proc, "SigIgn")).isEqualTo("0000000000000000");
        assertThat(session(pid)).isEqualTo(pid);
    }

    /// Row J-06: the command gets a few variables, and nothing is open.
    @Test
    void J_06_what_is_executed_after_the_end_has_a_clean_environment_and_no_descriptors() throws Exception {
        Path told = directory.resolve("told");
        String look = "{ env; pwd; ls /proc/self/fd; } > " + told + ".new; mv " + told + ".new " + told;
        DetachedContainer container = start("exit 0", AfterEnd.execute(List.of("/bin/sh", "-c", look)));
        await("what it tells", () -> Files.exists(told));
        List<String> lines = Files.readAllLines(told);
        assertThat(lines).contains("DOLIUM_CONTAINER=" + container.id(), "DOLIUM_STATE=" + containers.directory(), "/");
        List<String> names = lines.stream().filter(line -> line.contains("=")).map(line -> line.substring(0, line.indexOf('='))).toList();
        assertThat(names).isSubsetOf("DOLIUM_CONTAINER", "DOLIUM_STATE", "DOLIUM_TICKET", "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE",
                "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS", "PWD", "SHLVL", "_", "OLDPWD");
        assertThat(lines.subList(lines.indexOf("/") + 1, lines.size())).containsExactly("0", "1", "2", "3"); // the last one is ls's own
    }

    /// Row J-06: without the step of its plan that closes what it waits for the command would have that open.
    @Test
    void J_06_without_the_control_the_command_has_descriptors_of_who_waited() throws Exception {
        Path told = directory.resolve("told");
        List<byte[]> command = List.of("/bin/sh".getBytes(), "-c".getBytes(), ("ls /proc/self/fd > " + told + ".new; mv " + told + ".new " + told).getBytes());
        LaunchPlan whole = FollowUpPlanner.plan(new FollowUp(Duration.ZERO, false, null, Duration.ZERO, command, List.of()));
        LaunchPlan open = whole.with(whole.steps().stream().filter(step -> !step.toString().startsWith("close_range(3")).toList());
        assertThat(open.steps()).hasSize(whole.steps().size() - 1);
        for (LaunchPlan plan : List.of(whole, open)) {
            Files.deleteIfExists(told);
            try (Fd input = Fd.open("/dev/null", 2, 0);
                    Parked parked = Parked.make(plan, List.of(input, input, input), List.of(input))) {
                parked.release(LONG);
                await("what it tells", () -> Files.exists(told));
                assertThat(Files.readAllLines(told).contains("4")).isEqualTo(plan == open);
            }
        }
    }

    private static boolean isWaiting(Path proc) throws IOException {
        return !names(proc.resolve("fd")).contains("3") && field(proc, "SigBlk").equals("0000000000000000");
    }

    private static String field(Path proc, String name) throws IOException {
        return Files.readAllLines(proc.resolve("status")).stream().filter(line -> line.startsWith(name + ":")).findFirst().orElseThrow()
                .substring(name.length() + 1).trim();
    }

    private static long session(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3]);
    }
}
