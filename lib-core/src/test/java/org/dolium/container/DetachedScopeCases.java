// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Detached containers where systemd has to make their cgroups, in the test machine: as root, and as a user with a manager.
@ExtendWith(LeakCheck.class)
class DetachedScopeCases extends DetachedCases {
    /// systemd removes a scope when nothing is in it any more, but nobody waits for that.
    @AfterEach
    void no_scope_is_left() throws Exception {
        remove();
        await("the end of " + scopes(), () -> scopes().isEmpty());
    }

    private static List<Path> scopes() {
        return GroupFiles.find(name -> name.startsWith("dolium-d-") && name.endsWith(".scope"));
    }

    static Path group(long pid) throws IOException {
        return GroupFiles.directory(pid, null);
    }

    private static void assertLimits(DetachedContainer container, long pids, long memory) throws Exception {
        long pid = container.pid().orElseThrow();
        boolean unified = GroupFiles.UNIFIED;
        assertThat(GroupFiles.of(pid, Controller.PIDS).resolve("pids.max")).hasContent("" + pids);
        assertThat(GroupFiles.of(pid, Controller.MEMORY).resolve(unified ? "memory.max" : "memory.limit_in_bytes")).hasContent("" + memory);
    }

    private DetachedContainer found(DetachedContainer made) throws Exception {
        return Containers.at(containers.directory()).find(made.id()).orElseThrow();
    }

    @Test
    void it_has_a_scope_of_its_own_with_its_limits_and_its_monitor_beside() throws Exception {
        DetachedContainer container = containers.start(service().pids(77).memory(MemorySize.mebibytes(64)));
        Path group = group(container.pid().orElseThrow());
        assertThat(group.getFileName()).hasToString("dolium-d-" + container.id());
        assertThat(group.getParent().getFileName().toString()).startsWith("dolium-d-" + container.id() + "_").endsWith(".scope");
        assertThat(group(container.monitorPid().orElseThrow()))
                .isEqualTo(GroupFiles.UNIFIED ? group.resolveSibling("holder") : group.getParent());
        assertThat(Files.readAllLines(Path.of("/proc/" + container.pid().orElseThrow() + "/cgroup")))
                .as("also where it has no group of its own, and systemd has one").noneMatch(line -> line.endsWith(".service"));
        assertLimits(container, 77, 64 << 20);
        assertThat(GroupFiles.of(container.pid().orElseThrow(), Controller.PIDS).resolveSibling("pids.max"))
                .as("that of the scope: systemd sets no other limit").hasContent("max");
        assertThat(container.reductions()).isEmpty();
        assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(7), false));
    }

    @Test
    void without_limits_it_has_one_too() throws Exception {
        DetachedContainer container = containers.start(service());
        assertThat(group(container.pid().orElseThrow()).getParent().toString()).endsWith(".scope");
    }

    @Test
    void others_find_its_group_and_change_its_limits() throws Exception {
        DetachedContainer made = containers.start(service().memory(MemorySize.mebibytes(64)));
        awaitLine(made, "ready");
        DetachedContainer container = found(made);
        assertThat(container.stats().memory().currentBytes().orElseThrow()).isPositive();
        container.update(Limits.none().with(Limit.memoryMax(96 << 20)).with(Limit.pids(60)));
        assertThat(found(made).stats().memory().limitBytes()).hasValue(96 << 20);
        assertLimits(made, 60, 96 << 20);
        assertThat(container.exec("grep", "^0:", "/proc/self/cgroup").run(LONG).stdout()).isEqualTo("0::/\n");
        container.pause();
        assertThat(found(made).state()).isEqualTo(DetachedState.PAUSED);
        found(made).resume();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        container.pause();
        assertThat(found(made).stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(7), false));
    }

    @Test
    void a_lack_of_memory_and_what_was_used_are_known_although_systemd_has_removed_the_group() throws Exception {
        DetachedContainer greedy = containers.start(
                script("x=12345678; while :; do x=$x$x; done").memory(MemorySize.mebibytes(32)));
        await("the end", () -> greedy.state() == DetachedState.EXITED);
        await("the end of its scope", () -> scopes().isEmpty());
        assertThat(groups(greedy.id())).as("control: nobody can ask it any more").isEmpty();
        assertThat(found(greedy).exitStatus()).contains(new ExitStatus.OutOfMemory());
        try (var state = containers.open();
                var entry = state.entry(greedy.id())) {
            assertThat(entry.end().peakMemory()).isBetween(1L << 20, 32L << 20);
            assertThat(entry.end().cpuNanos()).isPositive();
        }
    }

    @Test
    void it_is_started_again_in_another_scope() throws Exception {
        DetachedContainer container = containers.start(service().pids(77));
        Path first = group(container.pid().orElseThrow());
        container.kill(Signal.KILL);
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.Signalled(Signal.KILL, false));
        container.start(service().pids(78).memory(MemorySize.mebibytes(64)));
        Path second = group(container.pid().orElseThrow());
        assertThat(second.getParent()).isNotEqualTo(first.getParent());
        assertLimits(container, 78, 64 << 20);
    }

    /// On a hybrid host its groups in hierarchies that systemd does not manage are not in the scope, and don't go with it.
    @Test
    void nothing_is_left_of_limits_that_systemd_knows_nothing_of() throws Exception {
        ContainerBuilder limited = service().limit(Limit.cpusetCpus(CpuSet.of(0)), Requirement.PREFERRED);
        DetachedContainer container = containers.start(limited);
        container.kill(Signal.KILL);
        await("the end of its scope", () -> scopes().isEmpty());
        container.start(limited);
        assertThat(container.stop(Signal.KILL, LONG).status()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        await("the end of its scope", () -> scopes().isEmpty());
        container.remove(false);
        assertThat(groups(container.id())).isEmpty();
    }

    @Test
    void a_start_that_fails_leaves_no_scope() throws Exception {
        assertThatThrownBy(() -> containers.start(tiny("/no/such/program"))).isInstanceOf(IOException.class);
        await("the end of the scope", () -> scopes().isEmpty());
        assertThat(entries()).isEmpty();
    }

    @Test
    void a_limit_that_can_not_be_in_force_is_an_error() {
        assertThatThrownBy(() -> containers.start(service().limit(Limit.unified("memory.nothing_like_this", "1"))))
                .isInstanceOf(UnsupportedHostException.class);
        assertThat(containers.directory().resolve("containers")).satisfiesAnyOf(
                path -> assertThat(path).doesNotExist(), path -> assertThat(path).isEmptyDirectory());
    }

    /// The JVM is in a service of its own, with all that it has made and that is no container.
    @Test
    void it_outlives_the_service_of_the_jvm_that_has_started_it_and_so_does_what_starts_it_again() throws Exception {
        String unit = "dolium-jvm-" + System.nanoTime();
        boolean privileged = HostProbe.host().uid() == 0;
        List<String> manager = privileged ? List.of() : List.of("--user");
        List<String> command = new ArrayList<>(List.of("systemd-run"));
        command.addAll(manager);
        command.addAll(List.of("--quiet", "--collect", "--pipe", "--unit", unit));
        command.addAll(QuickJvm.command());
        command.addAll(List.of("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"), "-cp", System.getProperty("java.class.path"),
                DetachedMain.class.getName(), containers.directory().toString(), root.toString(), "start-again-and-wait", "lasting",
                directory.resolve("done").toString(), "exec sleep 1000"));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        DetachedContainer container;
        try (BufferedReader output = jvm.inputReader()) {
            container = containers.find(started(output)).orElseThrow();
            List<String> stop = new ArrayList<>(List.of("systemctl"));
            stop.addAll(manager);
            stop.addAll(List.of("stop", unit));
            assertThat(new ProcessBuilder(stop).inheritIO().start().waitFor()).isZero();
            jvm.waitFor();
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(container.stats().pids().current().orElseThrow()).isEqualTo(1);
        Path first = group(container.pid().orElseThrow()).getParent();
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
        awaitRestarted(container);
        assertThat(group(container.pid().orElseThrow()).getParent()).isNotEqualTo(first);
        await("the end of the first scope", () -> !Files.exists(first));
        assertThat(container.stop(Signal.KILL, LONG).status()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }

    private static void awaitRestarted(DetachedContainer container) throws Exception {
        try {
            await("that it runs again", () -> container.restarts() >= 1 && container.state() == DetachedState.RUNNING);
        } catch (AssertionError e) {
            throw new AssertionError(container.restarts() + " restarts, " + container.state() + ", " + container.problem(), e);
        }
    }

    @Test
    void nothing_is_left_of_a_jvm_that_is_killed_in_the_middle_of_a_start() throws Exception {
        killed("the scope is there", () -> !scopes().isEmpty());
        killed("its group is there", () -> scopes().stream().anyMatch(scope -> children(scope.toFile()).contains("dolium-d-")));
        killed("the monitor is in the scope", () -> scopes().stream().anyMatch(
                scope -> lines(scope.resolve(GroupFiles.UNIFIED ? "holder/cgroup.procs" : "cgroup.procs")) == 2));
    }

    private void killed(String when, Callable<Boolean> condition) throws Exception {
        Process jvm = jvm("start-and-wait", "killed", "sleep", "1000");
        try {
            await(when, () -> condition.call() || !jvm.isAlive());
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        containers.reclaim();
        for (DetachedContainer container : containers.list()) {
            assertThat(container.state()).as("if " + when).isEqualTo(DetachedState.RUNNING);
            container.remove(true);
        }
        assertThat(entries()).as("if " + when).isEmpty();
        await("the end of its scope if " + when, () -> scopes().isEmpty());
    }

    private static String children(java.io.File directory) {
        return String.join(" ", directory.list() == null ? new String[0] : directory.list());
    }

    private static int lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // it is gone
        }
    }
}
