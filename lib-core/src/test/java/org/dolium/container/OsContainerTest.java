// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an OS container has that others have not, seen by a shell in the place of its init.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class OsContainerTest {
    private static final Duration LONG = Slow.seconds(30);

    @TempDir
    Path root;

    @BeforeEach
    void make_the_root() throws Exception {
        MustRun.root();
        TinyRoot.make(root);
    }

    private ContainerBuilder os(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer(InitSystem.SYSTEMD)
                .userNamespace(SystemdTest.PRIVATE).command("sh", "-c", script);
    }

    private static String output(ContainerBuilder builder) throws Exception {
        Result result = builder.run(LONG);
        assertThat(result.stderr()).isEmpty();
        return result.stdout();
    }

    @Test
    void it_has_what_the_container_interface_asks_for() throws Exception {
        String mounts = output(os("cut -d' ' -f2-4 /proc/mounts"));
        assertThat(mounts.lines())
                .anyMatch(line -> line.matches("/run tmpfs rw,nosuid,nodev,(?!.*noexec).*"))
                .anyMatch(line -> line.matches("/run/lock tmpfs rw,nosuid,nodev,noexec,.*"))
                .anyMatch(line -> line.matches("/tmp tmpfs rw,nosuid,nodev,(?!.*noexec).*"))
                .anyMatch(line -> line.matches("/sys sysfs ro,.*"))
                .anyMatch(line -> line.matches("/sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,.*"));
        assertThat(output(os("env")).lines()).contains("container=dolium")
                .anyMatch(line -> line.matches("container_uuid=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
    }

    @Test
    void what_is_mounted_by_the_caller_takes_the_place() throws Exception {
        String mounts = output(os("cut -d' ' -f2-4 /proc/mounts").tmpfs("/run", MemorySize.mebibytes(3)).env("container", "podman"));
        assertThat(mounts.lines()).filteredOn(line -> line.startsWith("/run "))
                .singleElement().asString().contains("size=3072k");
        assertThat(output(os("echo $container").env("container", "other"))).isEqualTo("other\n");
    }

    @Test
    void it_has_no_capability_more() throws Exception {
        String standard = output(ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("grep", "^Cap", "/proc/self/status"));
        assertThat(output(os("grep ^Cap /proc/self/status"))).isEqualTo(standard);
    }

    @ParameterizedTest
    @CsvSource({"libsystemd-core-252.so, 37", "/etc/inittab, 2", "supervisor, 15"})
    void how_it_is_stopped_is_seen_from_its_program(String text, int signal) throws Exception {
        Files.writeString(root.resolve("bin/boot"), "#!/bin/sh\nread x\n# " + text + "\n").toFile().setExecutable(true);
        Files.createDirectory(root.resolve("sbin"));
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("../bin/boot"));
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer();
        try (Container container = builder.start()) {
            assertThat(container.stopSignal()).isEqualTo(new Signal(signal));
        }
        try (Container container = builder.rootfs(Rootfs.directory(root)).command("boot").stopSignal(Signal.USR2).start()) {
            assertThat(container.stopSignal()).isEqualTo(Signal.USR2);
        }
    }

    @Test
    void what_it_can_not_be_is_told_at_once() {
        ContainerBuilder wrong = os("true").init(true).user("alice").namespace(NamespaceKind.PID, NamespaceMode.host())
                .namespace(NamespaceKind.CGROUP, NamespaceMode.host());
        assertThatIllegalArgumentException().isThrownBy(wrong::build).withMessageContaining("an OS container has an init")
                .withMessageContaining("runs as root of the container, not as uid 1000")
                .withMessageContaining("needs a pid namespace").withMessageContaining("needs a cgroup namespace");
        assertThatIllegalArgumentException().isThrownBy(() -> ContainerBuilder.create().osContainer().build())
                .withMessageContaining("needs a root file system of its own");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer().build())
                .withMessageContaining("has no /sbin/init to boot");
    }

    @Test
    void its_plan_says_what_is_given_to_it() throws Exception {
        assertThat(os("true").explain()).contains("/exec\", 0755)", "/inner/cgroup.procs\", 100000, 100000)",
                "cgroup.max.descendants>, \"4096\")", "fsopen(\"cgroup2\"");
        assertThat(os("true").osContainer(InitSystem.OTHER).explain()).doesNotContain("cgroup2", "/exec\"");
    }

    @Test
    void systemd_without_a_group_is_refused_with_a_reason() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                () -> os("true").cgroup(org.dolium.cgroup.CgroupPlacement.none()).build()))
                .isInstanceOf(org.dolium.linux.UnsupportedHostException.class)
                .hasMessageContaining("systemd needs a cgroup of its own to boot in, and there is none:");
    }
}
