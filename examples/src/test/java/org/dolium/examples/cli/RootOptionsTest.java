// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What only root can ask `dolium run` for.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class RootOptionsTest {
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
}
