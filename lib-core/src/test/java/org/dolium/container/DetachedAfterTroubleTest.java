// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.dolium.kernel.Fd;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.StateDirectory;
import org.dolium.state.Turn;
import org.dolium.state.Wishes;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What follows an end where something fails on the way, is held by others, or was killed. A directory in the place of a file that is
/// to be written is what a full disk is: the write fails, until it is gone.
@Tag("kernel")
@Timeout(300)
@ExtendWith(LeakCheck.class)
class DetachedAfterTroubleTest extends DetachedAfterCases {
    /// Who follows the end of a container, and does nothing: tests do it.
    private static final AfterEnd NOTHING = AfterEnd.execute(List.of("/bin/true"));

    private Path file(DetachedContainer container, String name) {
        return containers.directory().resolve("containers").resolve(container.id()).resolve(name);
    }

    private Path block(DetachedContainer container, String name) throws IOException {
        return Files.createDirectory(file(container, name + ".new"));
    }

    private static void killFirst(DetachedContainer container) throws IOException {
        ProcessHandle.of(container.pid().orElseThrow()).orElseThrow().destroyForcibly();
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor()).isZero();
    }

    private interface Use<T> {
        T of(StateDirectory state, Entry entry) throws Exception;
    }

    private <T> T with(DetachedContainer container, Use<T> use) throws Exception {
        try (StateDirectory state = StateDirectory.open(containers.directory());
                Entry entry = Objects.requireNonNull(state.entry(container.id()))) {
            return use.of(state, entry);
        }
    }

    private Turn turn(DetachedContainer container) throws Exception {
        return with(container, (state, entry) -> Objects.requireNonNull(entry.turn()));
    }

    /// Does in this JVM what follows the end.
    private void handle(DetachedContainer container, AfterEnd.Rebuilding again) throws Exception {
        AfterEnd.handle(Map.of("DOLIUM_STATE", containers.directory().toString(), "DOLIUM_CONTAINER", container.id(),
                "DOLIUM_TICKET", turn(container).ticket()), again);
    }

    /// One that has ended, and whose end nobody has done anything about.
    private DetachedContainer ended(AfterEnd wishes) throws Exception {
        DetachedContainer container = start("exit 3", wishes);
        await("the end of who follows", () -> container.state() == DetachedState.EXITED && followers().isEmpty());
        return container;
    }

    @Test
    void a_follow_up_that_can_not_write_that_it_begins_is_tried_until_it_can() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.always()));
        Path blocked = block(container, "turn");
        killFirst(container);
        await("that it is told", () -> container.problem().isPresent());
        assertThat(container.problem().orElseThrow()).contains("can't begin", "turn");
        assertThat(container.isRestarting()).isTrue();
        Files.delete(blocked);
        awaitRestarts(container, 1);
    }

    @Test
    void a_follow_up_that_can_be_left_to_nobody_goes_on_in_the_same_jvm() throws Exception {
        DetachedContainer container = ended(NOTHING.restart(RestartPolicy.always()));
        container.afterEnd(after(SERVICE).restart(RestartPolicy.always()));
        FutureTask<Void> handling = new FutureTask<>(() -> {
            handle(container, one -> {
                block(container, "turn");
                throw new IOException("it can't be made");
            });
            return null;
        });
        Thread handler = Thread.ofPlatform().start(handling);
        try {
            await("that it tries again", () -> handling.isDone() || isIn(handler, Ended.class, "tryLater") && isIn(handler, Thread.class, "sleep"));
            assertThat(container.problem()).contains("it can't be made");
        } finally {
            Files.delete(file(container, "turn.new"));
        }
        assertThatThrownBy(() -> handling.get(LONG.toSeconds(), TimeUnit.SECONDS)).hasRootCauseMessage("it can't be made");
        awaitRestarts(container, 2);
    }

    @Test
    void an_end_that_can_not_be_settled_is_told_and_settled_later() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.always()));
        Path blocked = block(container, "ended");
        killFirst(container);
        await("that it is told", () -> container.problem().orElse("").contains("ended"));
        Files.delete(blocked);
        awaitRestarts(container, 1);
        await("that all is well", () -> container.problem().isEmpty());
    }

    @Test
    void a_run_that_can_not_be_ended_when_its_time_is_over_is_watched_on() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).timeout(Duration.ofHours(1)).restart(RestartPolicy.always()));
        long monitor = container.monitorPid().orElseThrow();
        byte[] group = Files.readAllBytes(file(container, "cgroup"));
        signal("STOP", monitor); // it does not see the end
        try {
            Files.writeString(file(container, "cgroup"), "damaged");
            assertThatIOException().isThrownBy(() -> handle(container, one -> script(SERVICE))).withMessageContaining("cgroup");
            assertThat(turn(container).begun()).isFalse();
            assertThat(turn(container).delays()).isFalse();
            assertThat(turn(container).limitNanos()).isEqualTo(Duration.ofHours(1).toNanos());
            assertThat(Files.readString(Path.of("/proc/" + turn(container).waiter() + "/fdinfo/4"))).contains("Pid:\t" + monitor + "\n");
        } finally {
            Files.write(file(container, "cgroup"), group);
            signal("CONT", monitor);
        }
        awaitRestarts(container, 1);
    }

    @Test
    void what_follows_waits_as_long_as_somebody_settles_the_end_and_others_do_not_wait_for_it() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).restart(RestartPolicy.always()));
        long waiter = parked(container);
        signal("STOP", waiter);
        killFirst(container);
        await("the end", () -> container.state() == DetachedState.EXITED);
        with(container, (state, entry) -> {
            try (Fd lock = entry.lockSoon()) {
                assertThat(lock).isNotNull();
                signal("CONT", waiter);
                await("that it has begun", () -> turn(container).begun());
                Thread.sleep(3000); // it gave up after 2 s
                state.lock().close();
            }
            return null;
        });
        awaitRestarts(container, 1);
    }

    @Test
    void a_start_by_somebody_else_is_neither_followed_twice_nor_said_to_have_failed() throws Exception {
        DetachedContainer container = ended(NOTHING.restart(RestartPolicy.always()));
        container.afterEnd(after(SERVICE).restart(RestartPolicy.always()));
        assertThatIOException().isThrownBy(() -> handle(container, one -> {
            try {
                container.start(script(SERVICE));
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
            throw new IOException("too late");
        })).withMessage("too late");
        assertThat(container.problem()).isEmpty();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(followers()).containsExactly((long) turn(container).waiter());
        assertThat(container.restarts()).isZero();
    }

    @Test
    void a_pause_can_be_ended_where_nothing_can_be_written() throws Exception {
        DetachedContainer container = start("exit 1", after("exit 1").restart(RestartPolicy.always()));
        await("a long pause", () -> turn(container).restarts() >= 5 && turn(container).delays() && !turn(container).begun());
        Path blocked = block(container, "turn");
        try {
            container.stayEnded();
            await("that nobody is there, nor who has begun the pause", () -> followers().isEmpty());
            assertThat(container.isRestarting()).isFalse();
        } finally {
            Files.delete(blocked);
        }
    }

    @Test
    void who_has_ended_and_is_not_waited_for_does_not_count_as_waiting() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & exec sleep 1000").start();
        try {
            await("the other program", () -> parent.info().command().orElse("").endsWith("sleep") && parent.children().count() == 1);
            int child = (int) parent.children().findFirst().orElseThrow().pid();
            await("its end", () -> Files.readString(Path.of("/proc/" + child + "/stat")).contains(") Z "));
            assertThat(new Turn("x", child, Alive.birth(child), Turn.here(), false, true, 0, 0, 0).find()).isNull();
            int alive = (int) parent.pid();
            try (Alive found = new Turn("x", alive, Alive.birth(alive), Turn.here(), false, true, 0, 0, 0).find()) {
                assertThat(found).isNotNull();
            }
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void what_was_to_be_removed_is_removed_by_who_reclaims_if_nobody_else_will() throws Exception {
        DetachedContainer exited = ended(NOTHING.remove());
        DetachedContainer lost = containers.start(script(SERVICE), named("lost").afterEnd(NOTHING.remove()));
        ProcessHandle.of(lost.monitorPid().orElseThrow()).orElseThrow().destroyForcibly();
        await("its end", () -> lost.state() == DetachedState.LOST && followers().isEmpty());
        DetachedContainer waited = containers.start(script("exit 0"), named("waited").afterEnd(NOTHING.remove()));
        long waiter = parked(waited);
        signal("STOP", waiter);
        await("its end", () -> waited.state() == DetachedState.EXITED);
        containers.reclaim();
        assertThat(containers.list()).containsExactly(waited);
        signal("CONT", waiter);
        assertThat(groups(exited.id())).isEmpty();
        assertThat(groups(lost.id())).isEmpty();
    }

    @Test
    void a_removal_that_fails_is_told_and_done_later() throws Exception {
        DetachedContainer container = start(SERVICE, after(SERVICE).remove());
        with(container, (state, entry) -> {
            entry.folder().write("upper", "/somewhere/else".getBytes());
            return null;
        });
        container.stop(Duration.ZERO);
        await("that it is told", () -> container.problem().orElse("").contains("/somewhere/else"));
        assertThat(containers.find("job")).isPresent();
        assertThat(container.isRestarting()).isFalse();
        Files.delete(file(container, "upper"));
        await("the removal", () -> entries().isEmpty());
    }

    /// Somebody is at the same time about to remove it.
    @Test
    void who_waits_is_told_the_status_that_was_read_before_a_removal() throws Exception {
        DetachedContainer container = containers.start(script(SERVICE), named("job"));
        FutureTask<ExitStatus> waiting = new FutureTask<>(container::waitFor);
        Thread waiter = Thread.ofPlatform().start(waiting);
        with(container, (state, entry) -> {
            try (Fd _ = state.lock()) {
                killFirst(container);
                await("who asks for the status", () -> isLocking(waiter));
                Settling.dropGroup(entry);
                state.delete(entry);
            }
            return null;
        });
        assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        waiter.join();
        assertThat(groups(container.id())).isEmpty();
    }

    private static boolean isLocking(Thread thread) {
        return isIn(thread, StateDirectory.class, "lock");
    }

    private static boolean isIn(Thread thread, Class<?> type, String method) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals(type.getName()) && frame.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void a_kill_does_not_mark_a_run_that_it_does_not_find() throws Exception {
        DetachedContainer container = containers.start(script(SERVICE), named("job"));
        FutureTask<Boolean> killing = new FutureTask<>(() -> container.kill(Signal.KILL));
        with(container, (state, entry) -> {
            try (Fd _ = state.lock()) {
                Thread killer = Thread.ofPlatform().start(killing);
                await("who kills", () -> isLocking(killer) || killing.isDone());
                assertThat(container.wasStopped()).isFalse();
                assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
            }
            return null;
        });
        assertThat(killing.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(container.wasStopped()).isTrue();
        container.waitFor();
    }

    @Test
    void of_what_a_command_has_printed_the_beginning_is_told() throws Exception {
        DetachedContainer container = ended(NOTHING);
        try (RandomAccessFile log = new RandomAccessFile(file(container, "after.log").toFile(), "rw")) {
            log.writeBytes("it fails");
            log.setLength(20 << 20);
        }
        assertThat(container.problem().orElseThrow()).startsWith("it fails");
        Files.delete(file(container, "after.log"));
    }

    @Test
    void a_record_of_wishes_that_nobody_can_have_is_damaged() throws Exception {
        DetachedContainer container = ended(NOTHING);
        for (Wishes wrong : List.of(new Wishes(List.of("/bin/true"), "sometimes", false, 0), new Wishes(List.of("true"), "no", false, 0),
                new Wishes(List.of("/bin/true"), "always", true, 0), new Wishes(List.of("/bin/true"), "no", false, Long.MAX_VALUE))) {
            with(container, (state, entry) -> {
                entry.wishes(wrong);
                return null;
            });
            assertThatIOException().isThrownBy(container::afterEnd).withMessageContaining("is damaged");
            assertThat(containers.damaged()).extracting(Containers.Damaged::id).containsExactly(container.id());
            assertThatThrownBy(() -> container.start(script(SERVICE))).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
        }
        container.afterEnd(NOTHING);
    }

    @Test
    void what_the_command_of_a_follow_up_needs_to_read_names_is_passed() {
        assertThat(Follower.PASSED).contains("LANG", "LC_ALL", "LC_CTYPE");
    }

    @Test
    void a_command_that_is_gone_is_told_with_what_can_be_done() throws Exception {
        DetachedContainer container = ended(NOTHING);
        with(container, (state, entry) -> {
            entry.wishes(new Wishes(List.of("/no/such/program"), "no", false, 0));
            return null;
        });
        assertThatIOException().isThrownBy(() -> container.start(script("true"))).withMessageContaining("DetachedContainer.afterEnd");
    }
}
