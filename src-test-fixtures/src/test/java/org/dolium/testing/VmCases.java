// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What [TestVmTest] runs inside test machines.
final class VmCases {
    private VmCases() {}

    static String read(String file) throws IOException {
        return Files.readString(Path.of(file)).strip();
    }

    /// The directory of this JVM's cgroup.
    static Path cgroup() throws IOException {
        String line = read("/proc/self/cgroup");
        assertThat(line).startsWith("0::").doesNotContain("\n");
        return Path.of("/sys/fs/cgroup" + line.substring(3));
    }

    static List<String> controllers(Path cgroup) throws IOException {
        return List.of(read(cgroup.resolve("cgroup.controllers").toString()).split(" "));
    }

    private static void unified() throws IOException {
        assertThat(controllers(Path.of("/sys/fs/cgroup"))).contains("cpuset", "cpu", "io", "memory", "hugetlb", "pids");
        assertThat(read("/proc/self/mountinfo")).contains(" /sys/fs/cgroup ").doesNotContain(" - cgroup ");
        assertThat(read("/proc/swaps")).contains("partition");
        assertThat(Files.getFileStore(Path.of("/scratch")).type()).isEqualTo("ext4");
    }

    static class Minimal {
        @Test
        void it_is_what_it_claims() throws Exception {
            unified();
            assertThat(read("/proc/sys/kernel/osrelease")).startsWith("6.1.");
            assertThat(read("/proc/1/comm")).isEqualTo("minimal");
            assertThat(read("/sys/module/apparmor/parameters/enabled")).isEqualTo("N");
            assertThat(ProcessStatus.self().effectiveUid()).isZero();
            assertThat(Slow.FACTOR).isGreaterThan(1);
        }

        @Test
        void the_jvm_is_in_a_group_beside_which_others_can_be_made_with_every_controller() throws Exception {
            assertThat(cgroup()).isEqualTo(Path.of("/sys/fs/cgroup/init"));
            Path sibling = Files.createDirectory(Path.of("/sys/fs/cgroup/sibling"));
            assertThat(controllers(sibling)).contains("cpuset", "cpu", "io", "memory", "hugetlb", "pids");
            Files.delete(sibling);
        }
    }

    static class UserOfSystemd {
        @Test
        void it_is_what_it_claims() throws Exception {
            unified();
            assertThat(read("/proc/sys/kernel/osrelease")).startsWith("6.12.");
            assertThat(read("/proc/1/comm")).isEqualTo("systemd");
            assertThat(read("/sys/module/apparmor/parameters/enabled")).isEqualTo("Y");
            assertThat(Path.of("/sbin/apparmor_parser")).isExecutable();
            assertThat(ProcessStatus.self().effectiveUid()).isEqualTo(1000);
            assertThat(Path.of("/run/user/1000/bus")).exists();
            assertThat(Path.of(System.getenv("XDG_RUNTIME_DIR"))).isEqualTo(Path.of("/run/user/1000"));
        }

        @Test
        void the_jvm_is_in_a_delegated_unit_of_its_users_manager() throws Exception {
            assertThat(cgroup().toString()).contains("/user@1000.service/");
            assertThat(controllers(cgroup())).containsExactlyInAnyOrder("cpu", "memory", "pids");
            Files.delete(Files.createDirectory(cgroup().resolve("child")));
        }
    }

    static class Delegated {
        @Test
        void the_users_manager_has_what_was_asked_for() throws Exception {
            Path manager = cgroup();
            while (!manager.getFileName().toString().equals("user@1000.service")) {
                manager = manager.getParent();
            }
            assertThat(controllers(manager)).containsExactlyInAnyOrder("cpu", "cpuset", "io", "memory", "pids");
            assertThat(read("/proc/sys/kernel/osrelease")).startsWith("6.1.");
        }

        @Test
        void the_jvms_unit_says_that_it_is_not_delegated() throws Exception {
            Process show = new ProcessBuilder(
                            "systemctl", "--user", "show", "--property=Delegate", cgroup().getFileName().toString())
                    .start();
            assertThat(show.inputReader().readLine()).isEqualTo("Delegate=no");
        }
    }

    static class Failing {
        @Test
        void one_passes() {}

        @Test
        void one_fails() {
            throw new AssertionError("on purpose");
        }

        @Test
        void one_is_skipped() {
            Assumptions.abort("on purpose");
        }
    }

    static class Dying {
        @Test
        void it_ends() {
            System.out.println("it is over");
            Runtime.getRuntime().halt(3);
        }
    }
}
