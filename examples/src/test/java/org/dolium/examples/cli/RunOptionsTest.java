// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.container.Result;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each option of `dolium run`, seen from inside a container. Its words are Docker's.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RunOptionsTest {
    @TempDir
    Path directory;

    private Path root;
    private Path shared;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        shared = Files.createDirectories(directory.resolve("shared"));
        Files.writeString(shared.resolve("file"), "of the host\n");
    }

    /// The output of a command with options in a root file system of its own.
    private String tiny(String... arguments) throws Exception {
        return CommandLineRun.output(inRoot(arguments));
    }

    private Result failing(String... arguments) throws Exception {
        Result result = CommandLineRun.builder(inRoot(arguments)).run();
        assertThat(result.status().success()).isFalse();
        return result;
    }

    private String[] inRoot(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--rootfs";
        all[1] = root.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return all;
    }

    @Test
    void without_options_the_host_is_the_root_read_only_and_private() throws Exception {
        String[] lines = CommandLineRun.output(
                        "--", "sh", "-c", "id -u; hostname; echo $$; ls -A /tmp /run; ls /sys/class/net; test -w / || echo ro")
                .split("\n");
        assertThat(lines).containsExactly("0", "dolium", "1", "/run:", "", "/tmp:", "lo", "ro");
    }

    @Test
    void rootfs_is_written_to_and_with_read_only_it_is_not() throws Exception {
        tiny("touch", "/home/mine");
        assertThat(root.resolve("home/mine")).exists();
        assertThat(failing("--read-only", "touch", "/home/other").stderr()).contains("Read-only file system");
        assertThat(root.resolve("home/other")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-v %s:/mnt", "--volume %s:/mnt:rw", "--mount type=bind,source=%s,target=/mnt",
        "--mount type=bind,src=%s,dst=/mnt,readonly=false"})
    void a_directory_of_the_host_is_bound(String options) throws Exception {
        String[] words = (options.formatted(shared) + " sh -c").split(" ");
        assertThat(tiny(with(words, "cat /mnt/file; echo inside > /mnt/new"))).isEqualTo("of the host\n");
        assertThat(shared.resolve("new")).hasContent("inside");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-v %s:/mnt:ro", "--mount type=bind,source=%s,destination=/mnt,readonly",
        "--mount type=bind,src=%s,dst=/mnt,ro=true"})
    void a_read_only_bind_cannot_be_written(String options) throws Exception {
        String[] words = (options.formatted(shared) + " sh -c").split(" ");
        Result result = failing(with(words, "cat /mnt/file; echo inside > /mnt/file"));
        assertThat(result.stdout()).isEqualTo("of the host\n");
        assertThat(result.stderr()).contains("Read-only file system");
        assertThat(shared.resolve("file")).hasContent("of the host");
    }

    @Test
    void a_volume_can_be_a_file_and_its_mount_point_is_made() throws Exception {
        assertThat(tiny("-v", shared.resolve("file") + ":/home/a/b:ro", "cat", "/home/a/b")).isEqualTo("of the host\n");
    }

    @Test
    void a_bind_with_noexec_runs_nothing() throws Exception {
        Path program = Files.copy(root.resolve("bin/busybox"), shared.resolve("true"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        assertThat(tiny("-v", shared + ":/mnt", "/mnt/true")).isEmpty();
        assertThat(failing("-v", shared + ":/mnt:ro,noexec", "sh", "-c", "/mnt/true").stderr())
                .contains("Permission denied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-v %1$s:/mnt/deep -v %2$s:/mnt --tmpfs /mnt/deep/er",
        "--tmpfs /mnt/deep/er -v %2$s:/mnt -v %1$s:/mnt/deep"})
    void a_mount_below_another_is_not_covered_whatever_their_order(String options) throws Exception {
        Path outer = Files.createDirectories(directory.resolve("outer"));
        Files.createDirectories(outer.resolve("deep"));
        Files.createDirectories(shared.resolve("er"));
        String[] words = (options.formatted(shared, outer) + " sh -c").split(" ");
        assertThat(tiny(with(words, "cat /mnt/deep/file; touch /mnt/deep/er/x; ls /mnt /mnt/deep/er")))
                .isEqualTo("of the host\n/mnt:\ndeep\n\n/mnt/deep/er:\nx\n");
        assertThat(shared.resolve("er")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--tmpfs /mnt:size=1m", "--tmpfs /mnt:rw,noexec,nosuid,size=1024k",
        "--mount type=tmpfs,dst=/mnt,tmpfs-size=1m"})
    void a_tmpfs_has_the_size_that_was_asked_for(String options) throws Exception {
        String[] words = (options + " sh -c").split(" ");
        assertThat(tiny(with(words, "dd if=/dev/zero of=/mnt/x bs=64k count=99 2>/dev/null; wc -c < /mnt/x")))
                .isEqualTo("1048576\n");
    }

    @Test
    void the_environment_is_what_was_asked_for() throws Exception {
        Path file = Files.writeString(directory.resolve("env"), "A=from file\n# B=comment\n\n  C=x # no comment\nPATH\n");
        String own = System.getenv("PATH");
        assertThat(tiny("--env-file", file.toString(), "-e", "A=from option", "--env", "D=", "-e", "NO_SUCH_NAME", "env")
                        .split("\n"))
                .containsExactlyInAnyOrder(
                        "A=from option", "C=x # no comment", "PATH=" + own, "D=", "HOME=/root", "HOSTNAME=dolium");
    }

    @ParameterizedTest
    @CsvSource({"-w, /home", "--workdir, /etc"})
    void the_working_directory(String option, String path) throws Exception {
        assertThat(tiny(option, path, "pwd")).isEqualTo(path + "\n");
    }

    @ParameterizedTest
    @CsvSource({"-u, alice, 1000 1000 /home/alice", "--user, 1000, 1000 1000 /home/alice", "-u, 7:9, 7 9 /",
        "-u, alice:staff, 1000 50 /home/alice"})
    void the_user(String option, String user, String expected) throws Exception {
        assertThat(tiny(option, user, "sh", "-c", "echo $(id -u) $(id -g) $HOME")).isEqualTo(expected + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--hostname"})
    void the_host_and_domain_name(String option) throws Exception {
        assertThat(tiny(option, "box", "--domainname", "example", "sh", "-c",
                        "hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname"))
                .isEqualTo("box\nbox\nexample\n");
    }

    @ParameterizedTest
    @CsvSource({"none, 0x8", "loopback, 0x9"})
    void a_network_of_its_own_has_only_lo(String mode, String flags) throws Exception {
        String seen = "ls /sys/class/net; cat /sys/class/net/lo/flags; readlink /proc/self/ns/net";
        String[] lines = tiny("--network", mode, "sh", "-c", seen).split("\n");
        assertThat(lines).startsWith("lo", flags);
        assertThat(lines[2]).isNotEqualTo(own("net"));
    }

    @ParameterizedTest
    @CsvSource({"--network, net", "--net, net", "--pid, pid", "--ipc, ipc", "--uts, uts", "--cgroupns, cgroup"})
    void a_namespace_can_be_the_hosts(String option, String kind) throws Exception {
        String[] command = {"readlink", "/proc/self/ns/" + kind};
        assertThat(tiny(option, "host", command[0], command[1])).isEqualTo(own(kind) + "\n");
        assertThat(tiny(command)).isNotEqualTo(own(kind) + "\n");
    }

    @ParameterizedTest
    @CsvSource({"'', '', 800405fb", "'', ALL, 0", "kill, ALL, 20", "CAP_NET_RAW, '', 800425fb", "'', cap_chown, 800405fa",
        "CHOWN, CHOWN, 800405fb", "ALL, sys_admin, 1ffffdfffff"})
    void capabilities_are_added_and_dropped_in_dockers_way(String added, String dropped, String expected)
            throws Exception {
        String[] options = ((added.isEmpty() ? "" : "--cap-add " + added + " ")
                        + (dropped.isEmpty() ? "" : "--cap-drop " + dropped + " ") + "cat /proc/self/status")
                .split(" ");
        ProcessStatus status = ProcessStatus.parse(tiny(options));
        ProcessStatus own = ProcessStatus.self();
        long possible = own.effectiveUid() == 0 ? own.mask("CapPrm") : -1;
        assertThat(status.mask("CapBnd")).isEqualTo(Long.parseLong(expected, 16) & possible);
        assertThat(status.mask("CapEff")).isEqualTo(status.mask("CapBnd"));
    }

    @ParameterizedTest
    @CsvSource({"no-new-privileges, 1", "no-new-privileges=true, 1", "no-new-privileges:false, 0", "'', 1"})
    void no_new_privileges_is_on_unless_switched_off(String value, String expected) throws Exception {
        String[] command = {"grep", "NoNewPrivs", "/proc/self/status"};
        String[] options = value.isEmpty() ? command : with(new String[] {"--security-opt", value}, command);
        assertThat(tiny(options)).isEqualTo("NoNewPrivs:\t" + expected + "\n");
    }

    @Test
    void system_paths_are_masked_unless_unconfined() throws Exception {
        String count = "grep -c ' /proc/s' /proc/self/mountinfo || true";
        assertThat(tiny("sh", "-c", count)).isNotEqualTo("0\n");
        assertThat(tiny("--security-opt", "systempaths=unconfined", "sh", "-c", count)).isEqualTo("0\n");
    }

    @Test
    void resource_limits_and_the_oom_score() throws Exception {
        assertThat(tiny("--ulimit", "nofile=64:100", "--ulimit", "core=0", "--oom-score-adj", "500", "sh", "-c",
                        "ulimit -S -n; ulimit -H -n; cat /proc/self/oom_score_adj"))
                .isEqualTo("64\n100\n500\n");
    }

    @Test
    void docker_habits_without_effect_are_accepted() throws Exception {
        assertThat(tiny("--rm", "-i", "echo", "fine")).isEqualTo("fine\n");
        assertThat(tiny("--rm", "--interactive", "--", "echo", "fine")).isEqualTo("fine\n");
    }

    @Test
    void explain_prints_the_plan_and_starts_nothing() {
        CommandLineRun run = CommandLineRun.here(
                "run", "--explain", "--rootfs", root.toString(), "--hostname", "planned", "touch", "/home/started");
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().dropWhile(line -> line.matches("(# |mkdir\\(\"|write\\(</sys/fs/cgroup/).*")).toList())
                .first().asString().startsWith("clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD");
        assertThat(run.out())
                .contains("sethostname(\"planned\", 7)", "pivot_root(", "execve(\"/bin/touch\", [\"touch\", \"/home/started\"]");
        assertThat(root.resolve("home/started")).doesNotExist();
    }

    @Test
    void explain_says_what_this_host_cannot_give() {
        CommandLineRun run =
                CommandLineRun.here("run", "--explain", "--rootfs", root.toString(), "-u", "alice", "true");
        String leftOut = "# supplementary groups [29, 50] of user 'alice' are left out";
        if (ProcessStatus.self().effectiveUid() == 0) {
            assertThat(run.out()).doesNotContain("# ").contains("setgroups(3, [1000, 29, 50])");
        } else {
            assertThat(run.out()).startsWith(leftOut).doesNotContain("setgroups(3");
        }
    }

    private static String own(String kind) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
    }

    private static String[] with(String[] words, String... more) {
        String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return all;
    }
}
