// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What only root can ask `dolium run` for.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class RootOptionsTest {
    /// Busybox has an init of System V's kind in it.
    private static final String BOUNDING_WITH_SYS_BOOT = "%016x".formatted(
            CapabilitySets.standard().plus(Capability.SYS_BOOT).bounding());

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    @Test
    void the_user_namespace_is_the_hosts_unless_another_is_asked_for() throws Exception {
        String own = Files.readSymbolicLink(Path.of("/proc/self/ns/user")) + "\n";
        assertThat(CommandLineRun.output("--", "readlink", "/proc/self/ns/user")).isEqualTo(own);
        assertThat(CommandLineRun.output("--userns", "host", "--", "readlink", "/proc/self/ns/user")).isEqualTo(own);
        assertThat(CommandLineRun.output("--userns", "single", "--", "readlink", "/proc/self/ns/user")).isNotEqualTo(own);
        assertThat(CommandLineRun.output("--userns", "single", "--", "cat", "/proc/self/uid_map").strip().split(" +"))
                .containsExactly("0", "0", "1");
    }

    @ParameterizedTest
    @CsvSource({"--network, net", "--uts, uts", "--ipc, ipc", "--cgroupns, cgroup"})
    void a_namespace_of_a_running_process_is_joined(String option, String kind) throws Exception {
        Process other = new ProcessBuilder("unshare", "--net", "--uts", "--ipc", "--cgroup", "cat").start();
        try (BufferedWriter writer = other.outputWriter()) {
            writer.append("unshared\n").flush();
            assertThat(other.inputReader().readLine()).isEqualTo("unshared");
            Path file = Path.of("/proc", Long.toString(other.pid()), "ns", kind);
            assertThat(CommandLineRun.output(option, "ns:" + file, "--", "readlink", "/proc/self/ns/" + kind))
                    .isEqualTo(Files.readSymbolicLink(file) + "\n");
        }
        assertThat(other.waitFor()).isZero();
    }

    @Test
    void with_systemd_the_command_is_an_init() throws Exception {
        String root = TinyRoot.make(directory).toString();
        String script = "echo $container; grep -c '^[^ ]* /run tmpfs' /proc/mounts; grep ^CapBnd /proc/self/status";
        assertThat(CommandLineRun.output("--rootfs", root, "--systemd", "sh", "-c", script))
                .isEqualTo("dolium\n1\nCapBnd:\t" + BOUNDING_WITH_SYS_BOOT + "\n");
        assertThat(CommandLineRun.output("--rootfs", root, "--systemd", "--cap-drop", "SYS_BOOT", "sh", "-c", script))
                .doesNotContain(BOUNDING_WITH_SYS_BOOT);
        assertThat(CommandLineRun.output("--rootfs", root, "--systemd=false", "sh", "-c", script)).startsWith("\n0\n");
    }
}
