// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.dbus.Deadline;
import org.dolium.testing.Await;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Real managers, in the test machine; each on its own socket and on its bus.
class ManagerCases {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long UID = ProcessStatus.self().effectiveUid();

    private Process process;

    @BeforeEach
    void start_a_process() throws Exception {
        process = new ProcessBuilder("sleep", "1000").start();
    }

    @AfterEach
    void end_it() throws Exception {
        process.destroyForcibly().waitFor();
    }

    /// One choice for each socket, so that both are tried.
    private static List<SocketChoice> choices() throws Exception {
        SocketChoice all = SocketChoice.of(SocketEvidence.collect(UID));
        assertThat(all.sockets()).extracting(ManagerSocket::daemon).containsExactly(false, true);
        assertThat(all.refused()).isEmpty();
        return all.sockets().stream().map(socket -> new SocketChoice(List.of(socket), List.of(), "none")).toList();
    }

    private Scope start(SocketChoice choice, UnitName unit) throws Exception {
        return Scope.start(choice, new ScopeRequest(unit, "A test; Delegate=no", Optional.empty(), process.pid(), Duration.ofSeconds(2)), LIMIT);
    }

    private static Path directory(Scope scope) {
        return Path.of("/sys/fs/cgroup" + scope.cgroup());
    }

    private static UnitName unit() {
        return UnitName.scope("test/" + System.nanoTime());
    }

    @Test
    void a_scope_is_ours_until_it_is_stopped() throws Exception {
        for (SocketChoice choice : choices()) {
            start_a_process();
            Scope scope = start(choice, unit());
            assertThat(ProcessCgroup.of(process.pid())).isEqualTo(scope.cgroup()).endsWith("/" + scope.unit());
            Path child = Files.createDirectory(directory(scope).resolve("c"));
            Files.writeString(child.resolve("cgroup.procs"), "" + process.pid());
            Files.writeString(directory(scope).resolve("cgroup.subtree_control"), "+memory +pids +cpu");
            Files.writeString(child.resolve("pids.max"), "7");
            Process other = new ProcessBuilder("sleep", "1000").start();
            scope.attach("/c", List.of(other.pid()), LIMIT);
            assertThat(ProcessCgroup.of(other.pid())).isEqualTo(scope.cgroup() + "/c");
            scope.stop(LIMIT);
            assertThat(directory(scope)).doesNotExist();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
            scope.stop(LIMIT);
        }
    }

    @Test
    void a_scope_is_gone_after_its_last_process() throws Exception {
        Scope scope = start(choices().getFirst(), unit());
        process.destroyForcibly().waitFor();
        Await.that("the scope is gone", () -> !Files.exists(directory(scope)));
        scope.stop(LIMIT);
    }

    @Test
    void a_slice_can_be_chosen() throws Exception {
        ScopeRequest request =
                new ScopeRequest(unit(), "", Optional.of(UnitName.slice("dolium-test.slice")), process.pid(), Duration.ofSeconds(2));
        Scope scope = Scope.start(choices().getFirst(), request, LIMIT);
        assertThat(scope.cgroup()).endsWith("/dolium.slice/dolium-test.slice/" + scope.unit());
        scope.stop(LIMIT);
    }

    @Test
    void a_name_that_is_taken_is_told() throws Exception {
        Scope scope = start(choices().getFirst(), unit());
        assertThatThrownBy(() -> start(choices().getLast(), scope.unit()))
                .isInstanceOfSatisfying(SystemdException.class, e -> assertThat(e.error()).isEqualTo("UnitExists"));
        assertThat(process.isAlive()).isTrue();
        scope.stop(LIMIT);
    }

    @Test
    void a_process_that_does_not_exist_is_told() throws Exception {
        process.destroyForcibly().waitFor();
        assertThatThrownBy(() -> start(choices().getFirst(), unit())).isInstanceOf(SystemdException.class);
    }

    /// Some answered only after something else had come, with a handshake in several writes.
    @Test
    void many_connections_are_answered() throws Exception {
        for (SocketChoice choice : choices()) {
            for (int i = 0; i < 100; i++) {
                try (Systemd systemd = Systemd.connect(choice, Deadline.in(LIMIT))) {
                    assertThat(systemd.version()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void the_jvms_own_unit_delegates_or_not() throws Exception {
        try (Systemd systemd = Systemd.connect(choices().getFirst(), Deadline.in(LIMIT))) {
            assertThat(systemd.delegates(ProcessHandle.current().pid())).isEqualTo(UID != 0);
        }
    }
}
