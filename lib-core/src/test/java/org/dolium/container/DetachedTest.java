// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.dolium.linux.Errno;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedTest extends DetachedCases {
    @Test
    void it_is_found_by_id_name_and_the_beginning_of_its_id() throws Exception {
        DetachedContainer made = containers.start(service().label("a", "b"), named("web"));
        assertThat(containers.list()).containsExactly(made);
        Containers others = Containers.at(containers.directory());
        for (String by : new String[] {made.id(), made.shortId(), made.id().substring(0, 5), "web"}) {
            DetachedContainer found = others.find(by).orElseThrow();
            assertThat(found).isEqualTo(made);
            assertThat(found.name()).isEqualTo("web");
            assertThat(found.command()).startsWith("sh", "-c");
            assertThat(found.labels()).isEqualTo(Map.of("a", "b"));
            assertThat(found.state()).isEqualTo(DetachedState.RUNNING);
            assertThat(found.pid()).isEqualTo(made.pid()).isPresent();
            assertThat(found.exitStatus()).isEmpty();
            assertThat(found.finished()).isEmpty();
        }
        assertThat(others.find("other")).isEmpty();
        assertThat(others.find("f".repeat(64))).isEmpty();
        assertThat(made.started().orElseThrow()).isBetween(made.created(), Instant.now());
    }

    @Test
    void G_01_what_is_neither_an_id_nor_a_name_is_never_looked_for() throws Exception {
        for (String text : new String[] {"", "..", ".", "a/../../x", "/", "../names/web", "a\0b", "ä", "x".repeat(4096)}) {
            assertThatThrownBy(() -> containers.find(text)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> containers.start(service(), named(text))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> DetachedOptions.standard().note(text, new byte[0])).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(entries()).isEmpty();
    }

    @Test
    void its_end_and_its_status_are_known_afterwards() throws Exception {
        DetachedContainer container = containers.start(script("echo out; echo err >&2; exit 3"));
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(3));
        assertThat(container.state()).isEqualTo(DetachedState.EXITED);
        assertThat(container.exitStatus()).contains(new ExitStatus.Exited(3));
        assertThat(container.finished().orElseThrow()).isBetween(container.started().orElseThrow(), Instant.now());
        assertThat(container.logs().lines()).extracting(LogLine::text).containsExactlyInAnyOrder("out", "err");
        assertThat(container.logs().streams(false, true).lines()).extracting(LogLine::text).containsExactly("err");
        assertThat(container.pid()).isEmpty();
        assertThat(container.kill(Signal.KILL)).isFalse();
        assertThat(container.stop(Duration.ZERO)).isEqualTo(new Stopped(new ExitStatus.Exited(3), false));
        assertThat(groups(container.id())).isEmpty();
        assertThatThrownBy(container::stats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(container::pause).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void waiting_ends_when_the_time_is_over_or_the_container_is() throws Exception {
        DetachedContainer container = containers.start(service());
        awaitLine(container, "ready");
        assertThat(container.waitFor(Duration.ofMillis(50))).isEmpty();
        assertThat(container.kill(Signal.KILL)).isTrue();
        assertThat(container.waitFor()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }

    @Test
    void it_is_stopped_by_its_signal_or_by_force() throws Exception {
        DetachedContainer polite = containers.start(service());
        awaitLine(polite, "ready");
        assertThat(polite.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(7), false));
        assertThat(polite.logs().lines()).extracting(LogLine::text).containsExactly("ready", "ends");
        DetachedContainer other = containers.start(
                script("trap 'exit 9' USR1; echo ready; while :; do sleep 1 & wait $!; done").stopSignal(Signal.USR1));
        awaitLine(other, "ready");
        assertThat(other.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(9));
        DetachedContainer stubborn = containers.start(script("trap '' TERM; (sleep 1000 &); echo ready; while :; do sleep 1; done"));
        awaitLine(stubborn, "ready");
        assertThat(stubborn.stop(Duration.ofMillis(50)))
                .isEqualTo(new Stopped(new ExitStatus.Signalled(Signal.KILL, false), true));
    }

    @Test
    void an_init_hands_the_signal_on_and_tells_the_code() throws Exception {
        DetachedContainer container = containers.start(service().init(true));
        awaitLine(container, "ready");
        assertThat(container.security().pid()).isNotEqualTo(container.pid().orElseThrow());
        assertThat(container.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(7));
    }

    @Test
    void files_and_confinement_of_a_running_one_can_be_seen() throws Exception {
        DetachedContainer container = containers.start(script("echo hello >/tmp/file; echo ready; sleep 1000"));
        awaitLine(container, "ready");
        assertThat(Containers.at(containers.directory()).find(container.id()).orElseThrow().files().readString("/tmp/file"))
                .isEqualTo("hello\n");
        assertThat(container.security().isContainer()).isTrue();
        container.stop(Signal.KILL, Duration.ZERO);
        assertThatThrownBy(container::files).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(container::security).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_name_is_one_containers_and_can_be_changed() throws Exception {
        DetachedContainer first = containers.start(service(), named("first"));
        assertThatThrownBy(() -> containers.start(service(), named("first")))
                .isInstanceOf(IOException.class).hasMessage("the name 'first' is that of container " + first.id());
        assertThat(entries()).hasSize(1);
        DetachedContainer second = containers.create(service(), named("second"));
        assertThatThrownBy(() -> second.rename("first")).hasMessageContaining("is that of container");
        first.rename("other");
        assertThat(containers.find("first")).isEmpty();
        assertThat(containers.find("other")).contains(first);
        second.rename("first");
        assertThat(containers.find("first")).contains(second);
        second.rename("first");
        assertThat(names()).containsExactlyInAnyOrder("first", "other");
        assertThat(containers.start(service()).name()).hasSize(12);
    }

    @Test
    void one_that_was_made_is_started_later_and_again() throws Exception {
        DetachedContainer container = containers.create(script("echo one"), named("job").note("options", "x".getBytes(StandardCharsets.UTF_8)));
        assertThat(container.state()).isEqualTo(DetachedState.CREATED);
        assertThat(container.started()).isEmpty();
        assertThatThrownBy(() -> container.waitFor(LONG)).isInstanceOf(IllegalStateException.class);
        assertThat(containers.reclaim().unfinished()).isEmpty();
        container.start(script("echo one"));
        container.waitFor();
        container.start(script("echo two; exit 1"));
        assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(1));
        DetachedContainer found = containers.find("job").orElseThrow();
        assertThat(found.starts()).isEqualTo(2);
        assertThat(found.logs().lines()).extracting(LogLine::text).containsExactly("one", "two");
        assertThat(found.note("options")).hasValueSatisfying(bytes -> assertThat(bytes).asString().isEqualTo("x"));
        assertThat(found.note("none")).isEmpty();
        found.note("options", new byte[] {0, 1});
        assertThat(container.note("options")).hasValue(new byte[] {0, 1});
    }

    @Test
    void one_that_runs_is_neither_started_nor_removed() throws Exception {
        DetachedContainer container = containers.start(service());
        assertThatThrownBy(() -> container.start(service())).isInstanceOf(IllegalStateException.class).hasMessageContaining("runs");
        assertThatThrownBy(() -> container.remove(false)).isInstanceOf(IllegalStateException.class).hasMessageContaining("runs");
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        container.remove(true);
        assertThat(containers.find(container.id())).isEmpty();
        assertThatThrownBy(container::state).isInstanceOf(NoSuchFileException.class);
        container.remove(true);
    }

    @Test
    void a_start_that_fails_leaves_nothing() throws Exception {
        assertThatThrownBy(() -> containers.start(tiny("/no/such/command"), named("x")))
                .isInstanceOf(org.dolium.process.LaunchException.class);
        assertThat(entries()).isEmpty();
        assertThat(names()).isEmpty();
        DetachedContainer made = containers.create(service(), named("x"));
        assertThatThrownBy(() -> made.start(tiny("/no/such/command"))).isInstanceOf(org.dolium.process.LaunchException.class);
        assertThat(made.state()).isEqualTo(DetachedState.CREATED);
        assertThat(groups(made.id())).isEmpty();
        made.start(script("exit 4"));
        assertThat(made.waitFor()).isEqualTo(new ExitStatus.Exited(4));
    }

    @Test
    void what_needs_the_jvm_is_refused_before_anything_is_done() throws Exception {
        ContainerBuilder all = service().failSyscall("fsync", Errno.EIO).always().onEvent(event -> {}).input("x")
                .onStdoutLine(line -> {}).namespace(NamespaceKind.PID, NamespaceMode.host());
        assertThatThrownBy(() -> containers.start(all)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("faults of system calls").hasMessageContaining("listeners to events").hasMessageContaining("input")
                .hasMessageContaining("consumers").hasMessageContaining("pid namespace of its own");
        assertThatThrownBy(() -> containers.start(service().inheritIO())).hasMessageContaining("redirected output");
        assertThat(entries()).isEmpty();
    }

    @Test
    void J_02_a_container_never_gets_the_state_directory() throws Exception {
        Path state = containers.directory();
        for (Path source : new Path[] {state, state.resolve("containers"), directory, Path.of("/")}) {
            assertThatThrownBy(() -> containers.start(service().bindReadOnly(source, "/mnt")))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("would give it the state directory");
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), state);
        assertThatThrownBy(() -> containers.start(service().bind(link, "/mnt"))).hasMessageContaining("the state directory");
        assertThatThrownBy(() -> containers.start(service().rootfs(Rootfs.directory(directory)))).hasMessageContaining("the state directory");
        assertThatThrownBy(() -> containers.create(service().bind(state, "/mnt"), named("x"))).hasMessageContaining("the state directory");
        Path other = Files.createDirectory(directory.resolve("other"));
        containers.start(service().bind(other, "/mnt")); // control: it is that directory, and not binds
    }

    @Test
    void a_damaged_record_is_told_of_and_not_guessed_about() throws Exception {
        DetachedContainer good = containers.start(service(), named("good"));
        DetachedContainer bad = containers.start(service(), named("bad"));
        Path record = containers.directory().resolve("containers").resolve(bad.id()).resolve("record");
        byte[] right = Files.readAllBytes(record);
        byte[] wrong = right.clone();
        wrong[40] ^= 1;
        Files.write(record, wrong);
        assertThat(containers.list()).containsExactly(good);
        assertThat(containers.find("good")).contains(good);
        assertThat(containers.damaged()).singleElement().satisfies(damaged -> {
            assertThat(damaged.id()).isEqualTo(bad.id());
            assertThat(damaged.problem()).contains("its sum is wrong");
            assertThatThrownBy(() -> containers.discard(damaged)).isInstanceOf(IOException.class).hasMessageContaining("its monitor holds");
        });
        assertThatThrownBy(() -> containers.find("bad")).hasMessageContaining("is damaged");
        assertThatThrownBy(() -> containers.find(bad.id())).hasMessageContaining("is damaged");
        assertThatThrownBy(() -> containers.start(service(), named("bad"))).as("its name is still its own").isInstanceOf(IOException.class);
        assertThat(containers.reclaim().unfinished()).isEmpty();
        assertThat(bad.stop(Signal.KILL, Duration.ZERO).forced()).isTrue();
        containers.discard(containers.damaged().getFirst());
        assertThat(containers.damaged()).isEmpty();
        assertThat(entries()).containsExactly(good.id());
        assertThat(groups(bad.id())).isEmpty();
    }
}
