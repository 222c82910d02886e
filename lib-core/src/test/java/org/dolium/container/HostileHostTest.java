// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Situation;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Hosts that refuse something: the error names the call, why, and what to do; or there is a way round.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class HostileHostTest {
    private static final List<String> HERE = List.of("env");
    private static final List<String> OWN_MOUNTS = List.of("unshare", "--mount", "--propagation", "private");
    private static final List<String> OWN_USERS = List.of("unshare", "--user", "--map-root-user");
    private static final List<String> OWN_PIDS = List.of("unshare", "--pid", "--fork", "--mount-proc");

    @TempDir
    Path directory;

    private String attempt(List<String> prefix, String script, String... steps) throws Exception {
        Path root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        String[] arguments = new String[steps.length + 1];
        arguments[0] = root.toString();
        System.arraycopy(steps, 0, arguments, 1, steps.length);
        return Situation.run(prefix, script, Files.createDirectory(directory.resolve("scratch")), Attempt.class, arguments);
    }

    @Test
    void the_situations_themselves_do_no_harm() throws Exception {
        assertThat(attempt(HERE, Situation.AS_PLAIN_USER, "run", "run-in-user-namespace"))
                .isEqualTo("exited with code 0: it runs\nexited with code 0: it runs\n");
    }

    @Test
    void O_07_user_namespaces_that_are_used_up_are_named_with_their_sysctl() throws Exception {
        String output = attempt(
                OWN_USERS, "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"", "run-in-user-namespace", "run");
        assertThat(output)
                .startsWith("LaunchException: launch failed: clone3({flags=")
                .contains("CLONE_NEWUSER", " = -1 ENOSPC", "hint: user.max_user_namespaces is 0: sudo sysctl -w user.max_user_")
                .endsWith("exited with code 0: it runs\n"); // none is needed: the JVM is root of its own one
    }

    @Test
    void another_namespace_limit_is_named_too() throws Exception {
        assertThat(attempt(OWN_USERS, "echo 0 > /proc/sys/user/max_mnt_namespaces; exec \"$@\"", "run"))
                .contains("= -1 ENOSPC", "hint: user.max_mnt_namespaces is 0: sudo sysctl -w user.max_mnt_namespaces=15000");
    }

    @Test
    void a_plain_user_in_a_chroot_is_told_so() throws Exception {
        Path place = Files.createDirectory(directory.resolve("place"));
        String script = "mount --rbind / " + place + "; exec chroot " + place + " "
                + Situation.AS_PLAIN_USER.substring("exec ".length());
        assertThat(attempt(OWN_MOUNTS, script, "run"))
                .startsWith("LaunchException: launch failed: clone3(")
                .contains("= -1 EPERM", "hint: namespaces are forbidden here: user namespaces can't be made in a chroot");
    }

    /// Debian's kernels have this switch, others do not; so a file lies in its place, and clone3 fails as it would.
    @Test
    void O_07_user_namespaces_that_plain_users_may_not_make_are_named_with_their_sysctl() throws Exception {
        String script = "mkdir " + directory + "/kernel; cp /proc/sys/kernel/osrelease /proc/sys/kernel/cap_last_cap "
                + directory + "/kernel; echo 0 > " + directory + "/kernel/unprivileged_userns_clone; chmod -R a+rX "
                + directory + "/kernel; mount --bind " + directory + "/kernel /proc/sys/kernel; "
                + Situation.AS_PLAIN_USER;
        assertThat(attempt(OWN_MOUNTS, script, "run", "clone3-fails-with=1", "run"))
                .contains("= -1 EPERM", "sudo sysctl -w kernel.unprivileged_userns_clone=1")
                .doesNotContain("seccomp", "chroot");
    }

    @Test
    void an_outer_seccomp_profile_that_hides_clone3_is_recognised() throws Exception {
        assertThat(attempt(HERE, "exec \"$@\"", "run", "clone3-fails-with=38", "run"))
                .startsWith("exited with code 0: it runs\nLaunchException: launch failed: clone3(")
                .contains("= -1 ENOSYS", "--security-opt seccomp=unconfined");
    }

    /// As in Docker's containers: there is no clone3, and clone makes no namespace.
    @Test
    void where_clone3_is_hidden_a_container_without_namespaces_starts() throws Exception {
        String output = attempt(HERE, Situation.AS_PLAIN_USER, "clone3-fails-with=38", "run", "without-namespaces",
                "storm-without-namespaces=300");
        assertThat(output).startsWith("LaunchException: launch failed: clone3(").contains("= -1 ENOSYS")
                .contains("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"
                        + "it runs")
                .contains("300 containers had SigBlk 0, SigIgn 0, SigCgt 0 and ended well\n");
    }

    @Test
    void an_outer_seccomp_profile_that_forbids_clone3_is_recognised() throws Exception {
        assertThat(attempt(HERE, "exec \"$@\"", "run", "clone3-fails-with=1", "run"))
                .contains("= -1 EPERM", "--security-opt seccomp=unconfined");
    }

    @Test
    void a_security_module_that_forbids_user_namespaces_is_recognised() throws Exception {
        assertThat(attempt(HERE, Situation.AS_PLAIN_USER, "run", "clone3-fails-with=13", "run"))
                .contains("= -1 EACCES", "AppArmor forbids user namespaces");
    }

    @Test
    void the_limit_of_processes_of_a_user_is_named() throws Exception {
        assertThat(attempt(HERE, Situation.AS_PLAIN_USER, "run", "processes-at-most=1", "run"))
                .contains("= -1 EAGAIN", "RLIMIT_NPROC");
    }

    @Test
    void the_limit_of_processes_of_a_cgroup_is_named() throws Exception {
        Path pids = Path.of("/sys/fs/cgroup/pids");
        MustRun.require(Files.exists(pids.resolve("cgroup.procs")), "the pids controller of cgroup v1");
        Path cgroup = Files.createDirectory(pids.resolve("dolium-test-" + ProcessHandle.current().pid()));
        try {
            String script = "echo $$ > " + cgroup + "/cgroup.procs; exec \"$@\"";
            assertThat(attempt(HERE, script, "run", "run", "write=" + cgroup + "/pids.max:3", "run"))
                    .startsWith("exited with code 0: it runs\n".repeat(2)).contains("= -1 EAGAIN", "pids.max of a cgroup");
        } finally {
            // a JVM that may not make a thread can't clean up at its end
            for (File left : Objects.requireNonNull(cgroup.toFile().listFiles(File::isDirectory))) {
                Files.delete(left.toPath());
            }
            Files.delete(cgroup);
        }
    }

    @Test
    void J_05_a_jvm_without_descriptors_gets_errors_and_recovers() throws Exception {
        String output = attempt(HERE, "ulimit -n 256; exec \"$@\"", "run", "exhaust", "run", "exhaust", "run");
        List<String> lines = output.lines().toList();
        assertThat(lines).hasSize(7);
        for (int i = 0; i < 7; i += 3) {
            assertThat(lines.get(i)).isEqualTo("exited with code 0: it runs");
        }
        assertThat(List.of(lines.get(1), lines.get(4))).allMatch(line -> line.matches("\\w+Exception after \\d{2,}: .*EMFILE"));
        assertThat(List.of(lines.get(2), lines.get(5))).allMatch(line -> line.startsWith("  hint: ") && line.contains("ulimit -n"));
    }

    @Test
    void J_05_a_jvm_with_little_memory_outlives_output_without_end() throws Exception {
        String output = attempt(HERE, "export JAVA_TOOL_OPTIONS=-Xmx96m; exec \"$@\"", "endless-output", "run");
        assertThat(output.lines().skip(1).limit(8)).hasSize(8).allMatch(line -> line.equals("exited with code 0, truncated true"));
        assertThat(output).endsWith("exited with code 0: it runs\n");
    }

    /// A helper that tells how it was executed.
    @Test
    void J_06_the_helpers_of_id_maps_get_nothing_of_the_jvm() throws Exception {
        Path told = Files.createFile(directory.resolve("told"));
        Files.setPosixFilePermissions(told, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path helper = Files.writeString(directory.resolve("helper"), "#!/bin/sh\n{ echo args \"$@\"; echo cwd \"$PWD\"; "
                + "tr '\\0' '\\n' < /proc/$$/environ; ls /proc/self/fd | tr '\\n' ' '; } > " + told + " 2>&1\nexit 1\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path granted = Files.writeString(directory.resolve("subuid"), "12345:100000:65536\n");
        String script = "mount --bind " + helper + " /usr/bin/newuidmap; mount --bind " + granted + " /etc/subuid; mount --bind "
                + granted + " /etc/subgid; export SECRET=leaked LD_PRELOAD_X=1 PATH=/trojan:$PATH; exec 9< /etc/passwd; "
                + Situation.AS_PLAIN_USER;
        assertThat(attempt(OWN_MOUNTS, script, "subordinate")).contains("newuidmap failed with exit code 1");
        List<String> lines = Files.readAllLines(told);
        assertThat(lines.get(0)).matches("args \\d+ 0 12345 1 1 100000 65536");
        assertThat(lines.get(1)).isEqualTo("cwd /");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(2)).isEqualTo("0 1 2 3 "); // 3 is what ls reads the directory with
    }

    /// A user who may write to cgroups of the host, as a delegated one, and a container that sees the host's /sys.
    @Test
    void O_03_a_delegated_cgroup_of_the_host_cannot_be_written() throws Exception {
        Path group = cgroup();
        try {
            assertThat(attempt(HERE, Situation.AS_PLAIN_USER, "cgroup=" + group)).contains("in': Read-only file system",
                    "cgroup.procs: Read-only file system").doesNotContain("made");
        } finally {
            Files.delete(group);
        }
    }

    @Test
    void O_03_without_the_control_it_can() throws Exception {
        Path group = cgroup();
        try {
            assertThat(attempt(HERE, Situation.AS_PLAIN_USER, "cgroup-without-control=" + group)).contains("made");
        } finally {
            Files.delete(group);
        }
    }

    private static Path cgroup() throws Exception {
        Path legacy = Path.of("/sys/fs/cgroup/pids");
        Path group = Files.createDirectory((Files.exists(legacy) ? legacy : legacy.getParent())
                .resolve("dolium-test-" + ProcessHandle.current().pid()));
        Files.setPosixFilePermissions(group, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(group.resolve("cgroup.procs"), PosixFilePermissions.fromString("rw-rw-rw-"));
        return group;
    }

    @Test
    void where_no_memory_file_may_be_executed_an_unnamed_file_serves() throws Exception {
        String forbid = "echo 2 > /proc/sys/vm/memfd_noexec; ";
        assertThat(attempt(OWN_PIDS, forbid + "exec \"$@\"", "run")).isEqualTo("exited with code 0: it runs\n");
        assertThat(directory.resolve("scratch/tmp")).isEmptyDirectory();
    }

    @Test
    void where_no_memory_file_may_be_executed_a_plain_user_gets_an_unnamed_file_too() throws Exception {
        String forbid = "echo 2 > /proc/sys/vm/memfd_noexec; ";
        assertThat(attempt(OWN_PIDS, forbid + Situation.AS_PLAIN_USER, "run"))
                .isEqualTo("exited with code 0: it runs\n");
    }

    @Test
    void where_no_file_at_all_may_be_executed_the_error_says_what_was_tried() throws Exception {
        String script = "echo 2 > /proc/sys/vm/memfd_noexec; for d in /var/tmp /run " + directory
                + "/scratch/tmp; do mount -t tmpfs -o noexec,mode=1777 none $d; done; exec \"$@\"";
        assertThat(attempt(OWN_PIDS, script, "run"))
                .startsWith("LaunchException: launch failed: memfd_create(\"dolium\"")
                .contains("= -1 EACCES", "vm.memfd_noexec is 2", "/var/tmp: mounted noexec", "sysctl -w vm.memfd_noexec=1");
    }

    @Test
    void P_08_a_masked_proc_of_an_outer_container_is_recognised() throws Exception {
        String script = "mount -t tmpfs none /proc/irq; " + Situation.AS_PLAIN_USER;
        assertThat(attempt(OWN_MOUNTS, script, "run"))
                .contains("failed: fsmount(", "= -1 EPERM", "/proc is masked on this host", "systempaths=unconfined");
    }
}
