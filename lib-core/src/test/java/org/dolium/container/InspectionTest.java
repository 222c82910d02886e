// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.dolium.capability.Capability;
import org.dolium.confinement.Landlock;
import org.dolium.cgroup.Requirement;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.Rlimit;
import org.dolium.security.SecurityReport;
import org.dolium.security.Weakness;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// [SecurityReport] of real containers: every control that is switched off is seen to be off, and is not seen so before.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class InspectionTest extends SecurityRows {
    static SecurityReport report(ContainerBuilder builder) throws Exception {
        return report(builder.build());
    }

    static SecurityReport report(ContainerSpec spec) throws Exception {
        try (Container container = spec.start()) {
            container.process().inputReader().readLine(); // its script has done what comes first
            return container.security();
        }
    }

    private ContainerBuilder waiting(Mode mode) {
        return tiny(mode, "echo; cat");
    }

    static List<String> told(SecurityReport report) {
        return report.weaknesses().stream().map(Weakness::what).toList();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void J_07_what_is_in_force_by_default_is_read_back(Mode mode) throws Exception {
        SecurityReport report = report(waiting(mode));
        assertThat(report.isContainer()).isTrue();
        assertThat(report.noNewPrivileges()).isTrue();
        assertThat(report.innerUid()).isZero();
        assertThat(report.boundingCapabilities()).hasSize(11).doesNotContain(Capability.SYS_ADMIN);
        assertThat(report.inheritableCapabilities()).isEmpty();
        assertThat(report.isPrivate(NamespaceKind.MOUNT)).isTrue();
        assertThat(report.isPrivate(NamespaceKind.NET)).isTrue();
        assertThat(report.maskedPaths()).contains("/proc/keys", "/proc/interrupts");
        assertThat(report.readOnlyPaths()).contains("/proc/sys");
        assertThat(report.rootReadOnly()).isFalse();
        assertThat(report.devices().orElseThrow()).contains("null c 1:3", "urandom c 1:9");
        assertThat(told(report)).noneMatch(what -> what.matches(
                "(?!.*(user namespace|seccomp|core dumps|cgroup|limit of processes)).*")); // those depend on the host
    }

    record Change(String name, Consumer<ContainerBuilder> change, String told) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Change> changes() {
        return List.of(
                new Change("host network", b -> b.network(Network.host()), "shares the host's network namespace"),
                new Change("host ipc", shared(NamespaceKind.IPC), "shares the host's ipc namespace"),
                new Change("host names", shared(NamespaceKind.UTS), "shares the host's uts namespace"),
                new Change("host cgroups", shared(NamespaceKind.CGROUP), "shares the host's cgroup namespace"),
                new Change("powers", b -> b.addCapabilities(Capability.SYS_ADMIN), "CAP_SYS_ADMIN granted"),
                new Change("new privileges", b -> b.noNewPrivileges(false), "no_new_privs is off"),
                new Change("nothing masked", ContainerBuilder::withoutStandardMasks, "/proc/keys can be read"),
                new Change("nothing protected", ContainerBuilder::withoutStandardMasks, "/proc/sys can be written"),
                new Change("a device", b -> b.mount(Bind.of(Path.of("/dev/kmsg"), "/dev/kmsg").allowDevices()), "the device kmsg c 1:11 in /dev"),
                new Change("core dumps", b -> b.rlimit(Rlimit.parse("core=1048576")), "core dumps are on"));
    }

    private static Consumer<ContainerBuilder> shared(NamespaceKind kind) {
        return builder -> builder.namespace(kind, NamespaceMode.host());
    }

    @ParameterizedTest
    @MethodSource("changes")
    void J_07_without_the_control_what_is_off_is_told_and_what_is_on_is_not(Change change) throws Exception {
        Mode mode = modes().get(0);
        assertThat(told(report(waiting(mode)))).doesNotContain(change.told());
        assertThat(told(report(waiting(mode).apply(change.change())))).contains(change.told());
    }

    /// What a container with the power to mount does to its own view changes nothing of the truth.
    @ParameterizedTest
    @MethodSource("modes")
    void a_container_can_not_lie_about_itself(Mode mode) throws Exception {
        String lies = "mount -t tmpfs none /proc; mkdir -p /proc/1 /proc/self; echo 'Seccomp: 9' > /proc/1/status;"
                + "mkdir -p \"$(printf '/tmp/x\\n1 1 0:1 rw - x x\\033[2J')\"; mount -t tmpfs '' /tmp/x*;"
                + "mount -t tmpfs - /dev; ln -s /etc /dev/null; echo; cat";
        SecurityReport report = report(tiny(mode, lies).addCapabilities(Capability.SYS_ADMIN));
        assertThat(report.innerUid()).isZero();
        assertThat(told(report)).contains("CAP_SYS_ADMIN granted");
        assertThat(report.mountAt("/tmp/x\\x0a1 1 0:1 rw - x x\\x1b[2J")).isPresent();
        assertThat(report.devices().orElseThrow()).isEmpty();
        assertThat(report.report()).matches("[\n -~]*");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void what_can_not_be_read_back_is_said_to_be_asked_for(Mode mode) throws Exception {
        Landlock rules = Landlock.create().execute("/").readWrite("/dev");
        SecurityReport report = report(waiting(mode).landlock(rules, Requirement.PREFERRED));
        assertThat(report.askedFor()).containsExactly("a session keyring of its own", "Landlock exec \"/\", rw \"/dev\"");
        assertThat(report(waiting(mode).inheritSessionKeyring()).askedFor()).isEmpty();
    }

    @Test
    void a_process_that_is_gone_is_an_error() throws Exception {
        Container container = waiting(modes().get(0)).start();
        long pid = container.pid();
        container.close();
        assertThatThrownBy(container::security).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> SecurityReport.of(pid)).isInstanceOf(IOException.class).hasMessage("there is no process " + pid);
        assertThatThrownBy(() -> SecurityReport.of(0)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SecurityReport.of(-1)).isInstanceOf(IOException.class);
    }

    @Test
    void an_ordinary_process_is_no_container_and_another_users_may_not_be_looked_at() throws Exception {
        assertThat(SecurityReport.of(ProcessHandle.current().pid()).isContainer()).isFalse();
        if (modes().contains(Mode.U1)) {
            assertThatThrownBy(() -> SecurityReport.of(1)).hasMessageContaining("may not look at process 1");
        }
    }

    @Test
    void a_read_only_root_is_told() throws Exception {
        ContainerBuilder host = ContainerBuilder.create().rootfs(Rootfs.host()).command("sh", "-c", "echo; cat");
        assertThat(report(host).rootReadOnly()).isTrue();
        assertThat(Files.isWritable(Path.of("/tmp"))).isTrue();
    }
}
