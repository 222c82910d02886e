// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.dolium.kernel.Fd;
import org.dolium.process.LaunchException;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What others left half done, or do at the same time.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedRepairTest extends DetachedCases {
    private Path file(DetachedContainer container, String name) {
        return containers.directory().resolve("containers").resolve(container.id()).resolve(name);
    }

    private DetachedContainer ended(String script) throws Exception {
        DetachedContainer container = containers.start(script(script));
        awaitEnd(container);
        return container;
    }

    @Test
    void further_starts_that_fail_take_neither_the_container_nor_its_log() throws Exception {
        DetachedContainer container = containers.start(
                script("echo first"), DetachedOptions.standard().name("job").log(MemorySize.kibibytes(64), 2));
        container.waitFor();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> container.start(tiny("/no/such/command"))).isInstanceOf(LaunchException.class);
            assertThat(containers.find("job")).contains(container);
            assertThat(containers.reclaim().unfinished()).isEmpty();
            assertThat(container.state()).isEqualTo(DetachedState.EXITED);
            assertThat(container.exitStatus()).contains(new ExitStatus.Exited(0));
        }
        assertThat(containers.list()).containsExactly(container);
        assertThat(container.logs().lines()).extracting(LogLine::text).containsExactly("first");
        container.start(script("exit 4"));
        assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(4));
    }

    @Test
    void a_removal_that_was_not_finished_is_finished_by_who_reclaims() throws Exception {
        DetachedContainer half = ended("echo x");
        Files.delete(file(half, "record"));
        DetachedContainer damaged = ended("echo x");
        byte[] right = Files.readAllBytes(file(damaged, "record"));
        Files.write(file(damaged, "record"), new byte[] {1, 2, 3});
        DetachedContainer running = containers.start(service());
        Files.move(file(running, "record"), directory.resolve("record"));
        assertThat(containers.reclaim().unfinished()).containsExactly(half.id());
        assertThat(entries()).containsExactlyInAnyOrder(damaged.id(), running.id());
        Files.move(directory.resolve("record"), file(running, "record"));
        Files.write(file(damaged, "record"), right);
    }

    @Test
    void a_first_process_that_outlived_its_monitor_is_ended() throws Exception {
        DetachedContainer container = containers.create(service(), named("left"));
        Process left = new ProcessBuilder("sleep", "1000").start();
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        int pid = (int) left.pid();
        try (StateDirectory state = StateDirectory.open(containers.directory());
                Entry entry = state.entry(container.id())) {
            assertThat(entry).isNotNull();
            Run run = new Run(pid, Alive.birth(pid) + 1, (int) dead.pid(), 1, Alive.pidNamespace(), Instant.now(), false, 15, List.of(), List.of());
            entry.run(run);
            entry.mark(Entry.WENT);
            assertThat(container.state()).isEqualTo(DetachedState.LOST);
            assertThat(containers.reclaim().ended()).containsExactly(container.id());
            assertThat(left.isAlive()).as("control: another process with this pid").isTrue();
            entry.forgetRun();
            entry.run(new Run(pid, Alive.birth(pid), (int) dead.pid(), 1, Alive.pidNamespace(), Instant.now(), false, 15, List.of(), List.of()));
            entry.mark(Entry.WENT);
            assertThat(containers.reclaim().ended()).containsExactly(container.id());
            assertThat(left.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            left.destroyForcibly().waitFor();
        }
    }

    @Test
    void one_that_has_ended_does_not_run_while_somebody_settles_its_end() throws Exception {
        DetachedContainer container = ended("exit 3");
        try (StateDirectory state = StateDirectory.open(containers.directory());
                Entry entry = state.entry(container.id())) {
            assertThat(entry).isNotNull();
            try (Fd lock = entry.tryLock()) {
                assertThat(lock).isNotNull();
                assertThat(container.state()).isEqualTo(DetachedState.EXITED);
            }
        }
    }

    @Test
    void who_waits_does_not_wait_for_the_next_run() throws Exception {
        DetachedContainer container = containers.start(service());
        awaitLine(container, "ready");
        FutureTask<ExitStatus> waiting = new FutureTask<>(container::waitFor);
        Thread waiter = Thread.ofPlatform().start(waiting);
        await("who waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
        container.stop(LONG);
        container.start(service());
        try {
            assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Exited(7));
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class).hasMessageContaining("was started again");
        } finally {
            container.remove(true);
            waiter.join();
        }
    }

    @Test
    void any_number_may_remove_it_at_once() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                DetachedContainer container = containers.create(service(), named("c" + i));
                List<Future<?>> removals = new ArrayList<>();
                for (int j = 0; j < 4; j++) {
                    removals.add(threads.submit(() -> {
                        container.remove(true);
                        return null;
                    }));
                }
                for (Future<?> removal : removals) {
                    removal.get(LONG.toSeconds(), TimeUnit.SECONDS);
                }
            }
        }
        assertThat(entries()).isEmpty();
        DetachedContainer container = containers.create(service(), named("c"));
        try (StateDirectory state = StateDirectory.open(containers.directory());
                Entry entry = state.entry(container.id())) {
            assertThat(entry).isNotNull();
            container.remove(false);
            assertThatThrownBy(entry::tryLock).isInstanceOf(NoSuchFileException.class).hasMessageContaining("the container was removed");
        }
    }

    @Test
    void what_can_not_be_noted_or_removed_keeps_nobody_from_the_rest() throws Exception {
        List<DetachedContainer> all = List.of(ended("exit 1"), ended("exit 2"), ended("exit 3"));
        Path obstacle = Files.createDirectory(file(all.get(1), "ended.new"));
        assertThatIOException().isThrownBy(() -> containers.reclaim()).withMessageContaining("ended.new");
        assertThat(file(all.get(0), "ended")).exists();
        assertThat(file(all.get(1), "ended")).doesNotExist();
        assertThat(file(all.get(2), "ended")).exists();
        assertThat(all.get(1).exitStatus()).contains(new ExitStatus.Exited(2));
        Files.delete(obstacle);
        assertThat(containers.reclaim().ended()).containsExactly(all.get(1).id());
    }

    @Test
    void a_grace_without_an_end_is_one() throws Exception {
        DetachedContainer container = containers.start(service());
        awaitLine(container, "ready");
        assertThat(container.stop(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(new Stopped(new ExitStatus.Exited(7), false));
    }

    @Test
    void an_upper_directory_that_others_may_enter_is_not_taken() throws Exception {
        Path others = Files.createDirectory(directory.resolve("dolium.x"));
        Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatIOException().isThrownBy(() -> UpperDirectory.lasting(others)).withMessageContaining("is not this user's alone");
        Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("rwx------"));
        assertThat(UpperDirectory.lasting(others).path()).isEqualTo(others);
    }

    @Test
    void the_hosts_root_never_shows_the_state_directory() throws Exception {
        ContainerBuilder host = ContainerBuilder.create().rootfs(Rootfs.host()).command("true");
        assertThatThrownBy(() -> DetachedLaunch.checkApart(host, Path.of("/usr")))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("would give it the state directory '/usr'");
        DetachedLaunch.checkApart(host, Path.of("/run"));
        DetachedLaunch.checkApart(tiny("true"), Path.of("/usr"));
    }
}
