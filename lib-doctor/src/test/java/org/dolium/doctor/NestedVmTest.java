// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.testing.InTestVm;
import org.dolium.testing.OuterContainers;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Containers in Docker's and Podman's containers: what works there, and which option of the outer container is named where
/// something does not. The JVM is process 1 in all of them.
class NestedVmTest {
    private static final String DEFAULT_PROFILE = "docker-default (enforce)";
    private static final List<String> SECCOMP = List.of("--security-opt", "seccomp=unconfined");
    private static final List<String> BOTH = plus(SECCOMP, "--security-opt", "apparmor=unconfined");
    private static final List<String> ALL = plus(BOTH, "--security-opt", "systempaths=unconfined");
    private static final List<String> PRIVILEGED = List.of("--privileged");

    private static final String NEEDS_SECCOMP = "the outer container's seccomp profile forbids namespaces: run it with"
            + " --security-opt seccomp=unconfined";
    private static final String NEEDS_APPARMOR = "the outer container's AppArmor profile forbids mounting: run it with"
            + " --security-opt apparmor=unconfined";
    private static final String NEEDS_PATHS = "a new /proc or /sys is refused because /proc is masked on this host (nested"
            + " container?): run the outer container with --security-opt systempaths=unconfined";
    private static final String NEEDS_NET_ADMIN = "the loopback interface of a new network namespace needs CAP_NET_ADMIN,"
            + " which this JVM lacks: run the outer container with --cap-add NET_ADMIN";
    private static final String READ_ONLY = "/sys/fs/cgroup is read-only, as in a container";
    private static final String NEEDS_PRIVILEGED = "no limits there: the outer container needs --privileged";
    private static final String NOT_LEAF = "the JVM is itself in its cgroup /sys/fs/cgroup, and cgroup v2 allows processes only"
            + " in leaves";
    private static final String MOVE = "let Dolium move it into a child (CgroupPlacement.ownGroup(), --cgroup own)";

    /// An outer container with limited rights.
    ///
    /// @param profile its AppArmor profile
    /// @param uid the JVM's
    /// @param failure how the call begins that fails, its errno, and the hint; empty where the default container starts
    private record Row(
            String name, String engine, List<String> options, String profile, int uid, List<String> failure) {
        void addTo(OuterContainers containers) {
            containers.program(name, engine, options, Nested.class, "facts", "run", "doctor", "memory");
        }

        void check(TestVm.Outcome end) {
            String output = end.output();
            assertThat(end.status()).as(output).isZero();
            assertThat(Nested.after(output, "facts")).contains("pid 1, uid " + uid + "\n", "profile " + profile);
            if (failure.isEmpty()) {
                works(Nested.after(output, "run"), Nested.after(output, "doctor"));
            } else {
                fails(Nested.after(output, "run"), Nested.after(output, "doctor"));
            }
            assertThat(Nested.after(output, "memory")).isEqualTo(
                    "UnsupportedHostException: memory limit 25165824 bytes can't be enforced: " + READ_ONLY + "\n  hint: "
                            + NEEDS_PRIVILEGED + "\n");
        }

        private void works(String run, String doctor) {
            assertThat(run).isEqualTo("exited with code 0: it runs\nreduced: pids limit 4096 can't be enforced: " + READ_ONLY
                    + "; " + NEEDS_PRIVILEGED + "\n");
            assertThat(doctor).matches("default container +ok +starts\n(?s).*").endsWith("can run: true\n");
            withoutLimits(unwrapped(doctor));
        }

        private void fails(String run, String doctor) {
            assertThat(run).startsWith("LaunchException: launch ").contains(" failed: " + failure.get(0))
                    .contains(" = -1 " + failure.get(1) + "\n  hint: " + failure.get(2));
            String report = unwrapped(doctor);
            assertThat(report).startsWith("default container missing " + failure.get(0))
                    .contains(" = -1 " + failure.get(1) + " without it: no container starts remedy: " + failure.get(2))
                    .endsWith("can run: false ");
            withoutLimits(report);
        }

        private static void withoutLimits(String report) {
            assertThat(report).contains(
                    "limits missing can't be enforced: " + READ_ONLY
                            + " without it: every limit of memory, cpu, processes, disks and devices");
            assertThat(report).contains("remedy: " + NEEDS_PRIVILEGED);
        }
    }

    private static final List<Row> ROWS = List.of(
            docker("default", List.of(), 0, "clone3(", "ENOSYS", NEEDS_SECCOMP),
            docker("default-user", List.of("--user", "1000:1000"), 1000, "clone3(", "ENOSYS", NEEDS_SECCOMP),
            docker("sys-admin", List.of("--cap-add", "SYS_ADMIN"), 0, "ioctl(", "EPERM", NEEDS_NET_ADMIN),
            docker("sys-net-admin", List.of("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN"), 0,
                    "move_mount(", "EACCES", NEEDS_APPARMOR),
            docker("seccomp", SECCOMP, 0, "move_mount(", "EACCES", NEEDS_APPARMOR),
            docker("both", BOTH, 0, "fsmount(", "EPERM", NEEDS_PATHS),
            docker("all", ALL, 0),
            docker("all-user", plus(ALL, "--user", "1000:1000"), 1000),
            docker("sys-admin-both", plus(BOTH, "--cap-add", "SYS_ADMIN"), 0, "ioctl(", "EPERM", NEEDS_NET_ADMIN),
            docker("sys-net-admin-both", plus(BOTH, "--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN"), 0),
            new Row("podman", "podman", List.of(), "containers-default", 0, List.of("sethostname(", "EPERM", NEEDS_APPARMOR)));

    private static Row docker(String name, List<String> options, int uid, String... failure) {
        String profile = options.contains("apparmor=unconfined") ? "unconfined" : DEFAULT_PROFILE;
        return new Row(name, "docker", options, profile, uid, List.of(failure));
    }

    private static List<String> plus(List<String> options, String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    /// The report with its lines and columns joined.
    private static String unwrapped(String report) {
        return report.replaceAll("\\s+", " ");
    }

    @TestFactory
    @InTestVm
    List<DynamicTest> in_containers_of_docker_and_podman() throws Exception {
        OuterContainers containers = new OuterContainers()
                .program("privileged", "docker", PRIVILEGED, Nested.class,
                        "run", "doctor", "memory", "own-group-memory", "own-group-pids", "own-group-free", "group", "orphan",
                        "join", "ends")
                .program("cgroupns-host", "docker", plus(PRIVILEGED, "--cgroupns", "host"), Nested.class,
                        "own-group-memory", "own-group-pids", "group")
                .program("podman-privileged", "podman", PRIVILEGED, Nested.class, "run", "own-group-memory", "own-group-pids")
                .stopped("stop", "ready", "docker", PRIVILEGED, Nested.class, "wait");
        ROWS.forEach(row -> row.addTo(containers));
        Map<String, TestVm.Outcome> ends = containers.run(TestVm.kernel("6.12").apparmor().limitSeconds(1200));
        List<DynamicTest> tests = new ArrayList<>(List.of(
                dynamicTest("privileged: limits after a move", () -> privileged(ends.get("privileged"))),
                dynamicTest("privileged: process 1", () -> processOne(ends.get("privileged"))),
                dynamicTest("privileged, cgroupns host", () -> inHostsCgroups(ends.get("cgroupns-host"))),
                dynamicTest("podman, privileged", () -> inForce(ends.get("podman-privileged").output())),
                dynamicTest("process 1 is told to stop", () -> stopped(ends.get("stop")))));
        for (Row row : ROWS) {
            tests.add(dynamicTest(row.name(), () -> row.check(ends.get(row.name()))));
        }
        return tests;
    }

    private static void privileged(TestVm.Outcome end) {
        String output = end.output();
        assertThat(Nested.after(output, "run")).isEqualTo("exited with code 0: it runs\nreduced: pids limit 4096 can't be"
                + " enforced: " + NOT_LEAF + "; " + MOVE + ", or start the JVM in a sub-group (DelegateSubgroup= of systemd 254)\n");
        assertThat(unwrapped(Nested.after(output, "doctor"))).startsWith("default container ok starts")
                .contains("cgroups missing v2, no group can be made: " + NOT_LEAF, "remedy: " + MOVE);
        assertThat(Nested.after(output, "memory")).contains(NOT_LEAF, "hint: " + MOVE);
        inForce(output);
        assertThat(Nested.after(output, "own-group-free")).contains("exited with code 0: done");
        assertThat(Nested.after(output, "group")).isEqualTo("0::/processes\n");
    }

    private static void inForce(String output) {
        assertThat(Nested.after(output, "own-group-memory")).startsWith("killed: out of memory");
        assertThat(Nested.after(output, "own-group-pids")).contains("fork").doesNotContain("all");
    }

    private static void processOne(TestVm.Outcome end) {
        String output = end.output();
        assertThat(Nested.after(output, "orphan"))
                .matches("ended with exited with code 0\nafter close: (gone|State:\tZ \\(zombie\\))\n(?s).*");
        assertThat(Nested.after(output, "join")).isEqualTo("exited with code 5\n");
        assertThat(Nested.after(output, "ends")).isEqualTo("exited with code 7, 3\n".repeat(5));
        assertThat(end.status()).as(output).isZero();
    }

    private static void inHostsCgroups(TestVm.Outcome end) {
        inForce(end.output());
        assertThat(Nested.after(end.output(), "group")).matches("0::/docker/[0-9a-f]{64}/processes\n");
        assertThat(end.status()).isZero();
    }

    private static void stopped(TestVm.Outcome end) {
        assertThat(Nested.after(end.output(), "wait")).isEqualTo("started\nready\nstopped: exited with code 0\nhook done\n");
        assertThat(end.status()).isEqualTo(143);
    }
}
