// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Test;

/// What a user may not do, in the test machine.
class UserManagerCases {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String OWN = "" + ProcessStatus.self().effectiveUid();

    private static ScopeRequest request(long pid) {
        return new ScopeRequest(UnitName.scope("foreign" + System.nanoTime()), "", Optional.empty(), pid, Duration.ofSeconds(2));
    }

    @Test
    void the_system_manager_is_not_a_users_to_ask() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            SocketChoice bus = new SocketChoice(
                    List.of(new ManagerSocket(Path.of("/run/dbus/system_bus_socket"), true)), List.of(), "none");
            assertThatThrownBy(() -> Scope.start(bus, request(process.pid()), LIMIT))
                    .isInstanceOfSatisfying(SystemdException.class, e -> assertThat(e.error())
                            .isIn("AccessDenied", "InteractiveAuthorizationRequired"))
                    .hasMessageContaining("enable-linger");
            SocketChoice own = new SocketChoice(
                    List.of(new ManagerSocket(Path.of("/run/systemd/private"), false)), List.of(), "none");
            assertThatThrownBy(() -> Scope.start(own, request(process.pid()), LIMIT))
                    .isInstanceOf(NoManagerException.class)
                    .hasMessageContaining("Permission denied");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_process_of_another_user_is_not_moved_and_that_is_told() throws Exception {
        SocketChoice choice = SocketChoice.of(SocketEvidence.collect(Long.parseLong(OWN)));
        long foreign = foreign();
        String before = ProcessCgroup.of(foreign);
        assertThatThrownBy(() -> Scope.start(choice, request(foreign), LIMIT)).isInstanceOf(SystemdException.class);
        assertThat(ProcessCgroup.of(foreign)).isEqualTo(before);
    }

    /// A process of root's that is no thread of the kernel.
    private static long foreign() {
        return ProcessHandle.allProcesses()
                .mapToLong(ProcessHandle::pid)
                .filter(pid -> pid > 1)
                .filter(pid -> {
                    try {
                        ProcessStatus status = ProcessStatus.of("" + pid);
                        return status.fields().containsKey("VmRSS") && status.effectiveUid() == 0;
                    } catch (UncheckedIOException e) {
                        return false; // gone
                    }
                })
                .findFirst()
                .orElseThrow();
    }
}
