// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import org.dolium.linux.Errno;
import org.dolium.namespace.IdMaps;
import org.dolium.process.LaunchException;
import org.dolium.process.Rlimit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Each mistake and each refusal of the machine gives one clear exception and leaves nothing behind.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ErrorsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command);
    }

    /// The same failure by start() and by run(): the one waits for the start, the other for the end.
    private static LaunchException failure(ContainerBuilder builder) {
        LaunchException byRun = catchThrowableOfType(LaunchException.class, () -> builder.run(LIMIT));
        LaunchException byStart = catchThrowableOfType(LaunchException.class, builder::start);
        assertThat(byStart).isNotNull();
        assertThat(byRun).isNotNull().hasMessage(byStart.getMessage());
        return byStart;
    }

    @Test
    void a_missing_root_file_system_is_found_before_anything_is_done() {
        assertThatThrownBy(() -> ContainerBuilder.create()
                        .rootfs(Rootfs.directory(directory.resolve("nowhere")))
                        .command("true")
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("root file system '" + directory.resolve("nowhere") + "' is missing");
    }

    @Test
    void every_problem_is_reported_at_once() {
        assertThatThrownBy(() -> ContainerBuilder.create()
                        .workingDirectory("relative")
                        .bind(Path.of("/no/such/source"), "relative/target")
                        .env("A=B", "c")
                        .hostname("x".repeat(65))
                        .umask(01000)
                        .oomScoreAdj(1001)
                        .tmpfs("/proc/x")
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("no command was given", "working directory 'relative'", "'/no/such/source' is missing")
                .contains("'A=B'", "1 to 64 bytes", "umask 01000", "oomScoreAdj 1001", "'/proc/x' lies in /proc");
    }

    @Test
    void a_missing_command_is_not_found_in_any_directory_of_the_path() throws Exception {
        LaunchException e = failure(tiny("nosuch"));
        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
        assertThat(e.call()).startsWith("execve(\"/bin/nosuch\"");
        assertThat(e).hasMessageContaining("launch step ").hasMessageContaining("hint: no such command");
    }

    @Test
    void a_missing_command_with_a_slash_is_tried_only_there() throws Exception {
        LaunchException e = failure(tiny("/opt/nosuch"));
        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
        assertThat(e.call()).startsWith("execve(\"/opt/nosuch\"");
    }

    @Test
    void a_file_that_may_not_be_run_is_named_as_such() throws Exception {
        LaunchException e = failure(tiny("/etc/passwd"));
        assertThat(e.errno()).isEqualTo(Errno.EACCES);
        assertThat(e).hasMessageContaining("not executable");
    }

    @Test
    void a_file_in_the_path_that_may_not_be_run_counts_more_than_places_without_it() throws Exception {
        ContainerBuilder builder = tiny("passwd").env("PATH", "/bin:/etc:/sbin");
        assertThat(failure(builder).errno()).isEqualTo(Errno.EACCES);
    }

    @Test
    void a_program_of_another_processor_is_refused() throws Exception {
        TinyRoot.make(directory);
        Path program = directory.resolve("bin/foreign");
        byte[] elf = new byte[64];
        elf[0] = 0x7f;
        elf[1] = 'E';
        elf[2] = 'L';
        elf[3] = 'F';
        elf[4] = 2; // 64 bits
        elf[5] = 1; // little-endian
        elf[6] = 1;
        elf[16] = 2; // executable
        elf[18] = 8; // MIPS
        elf[20] = 1;
        Files.write(program, elf);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        LaunchException e = failure(tiny("/bin/foreign"));
        assertThat(e.errno()).isEqualTo(Errno.ENOEXEC);
        assertThat(e).hasMessageContaining("wrong architecture");
    }

    @Test
    void a_bind_source_that_this_user_can_not_reach_is_refused() throws Exception {
        Path secret = Files.createDirectories(directory.resolve("locked/inner"));
        if (ProcessStatus.self().effectiveUid() == 0) {
            // root reaches everything of its own; a path through a file is refused to everybody
            Path file = Files.writeString(directory.resolve("file"), "");
            assertThatThrownBy(() -> tiny("true").bind(file.resolve("below"), "/mnt").run())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is missing");
            return;
        }
        Files.setPosixFilePermissions(secret.getParent(), PosixFilePermissions.fromString("---------"));
        try {
            assertThatThrownBy(() -> tiny("true").bind(secret, "/mnt").run())
                    .hasMessageContaining(secret.toString());
        } finally {
            Files.setPosixFilePermissions(secret.getParent(), PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void a_bind_target_that_is_a_link_out_of_the_root_stays_inside() throws Exception {
        TinyRoot.make(directory);
        Path outside = Files.createTempDirectory("canary-");
        try {
            Files.createSymbolicLink(directory.resolve("mnt/link"), outside);
            LaunchException e = failure(tiny("true").bind(Path.of("/etc"), "/mnt/link"));
            assertThat(e.call()).startsWith("openat2(");
            assertThat(e.errno()).isEqualTo(Errno.ENOENT);
            assertThat(outside).isEmptyDirectory();
        } finally {
            Files.delete(outside);
        }
    }

    @Test
    void an_unknown_user_or_group_is_named() {
        assertThatThrownBy(() -> tiny("true").user("mallory").run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown user 'mallory'");
        assertThatThrownBy(() -> tiny("true").user("alice:mallory").run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown group 'mallory'");
    }

    @Test
    void groups_that_can_not_be_given_are_listed_as_a_reduction() throws Exception {
        ContainerSpec spec = tiny("id", "-G").user("alice").build();
        if (ProcessStatus.self().effectiveUid() == 0) {
            assertThat(spec.reductions()).isEmpty();
            assertThat(spec.run(LIMIT).stdout()).isEqualTo("1000 29 50\n");
        } else {
            assertThat(spec.reductions())
                    .filteredOn(reduction -> !reduction.startsWith("pids limit"))
                    .singleElement().asString().contains("groups [29, 50] of user 'alice'");
        }
    }

    @Test
    void a_user_that_is_not_mapped_is_refused() {
        IdMaps own = IdMaps.single(0, ProcessStatus.self().effectiveUid());
        assertThatThrownBy(() -> tiny("true")
                        .userNamespace(UserNamespace.mapped(own, own))
                        .user("alice")
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user 1000 is not mapped");
    }

    @Test
    void missing_subordinate_ids_are_explained() throws Exception {
        String name = System.getProperty("user.name");
        boolean granted = Files.readAllLines(Path.of("/etc/subuid")).stream().anyMatch(l -> l.startsWith(name + ":"));
        MustRun.require(!granted, "a user without subordinate ids");
        assertThatThrownBy(() -> tiny("true")
                        .userNamespace(UserNamespace.subordinate())
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no subordinate ids")
                .hasMessageContaining("usermod --add-subuids");
    }

    @Test
    void a_missing_working_directory_is_named() throws Exception {
        LaunchException e = failure(tiny("true").workingDirectory("/no/such/place"));
        assertThat(e.call()).isEqualTo("chdir(\"/no/such/place\")");
        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
        assertThat(e).hasMessageContaining("hint: the working directory does not exist");
    }

    @Test
    void a_working_directory_that_is_a_file_is_refused() throws Exception {
        assertThat(failure(tiny("true").workingDirectory("/etc/passwd")).errno()).isEqualTo(Errno.ENOTDIR);
    }

    @Test
    void a_file_system_in_memory_is_never_without_limit() {
        MemorySize zero = MemorySize.bytes(0);
        assertThatThrownBy(() -> ContainerBuilder.create().tmpfs("/mnt", zero))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'/mnt': size is zero");
        assertThatThrownBy(() -> Rootfs.overlay(directory).upperInMemory(zero))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("size is zero");
    }

    @Test
    void too_large_an_environment_is_refused() throws Exception {
        LaunchException single = failure(tiny("/bin/true").env("BIG", "x".repeat(200_000)));
        assertThat(single.errno()).isEqualTo(Errno.E2BIG);
        ContainerBuilder many = tiny("/bin/true");
        for (int i = 0; i < 100; i++) {
            many.env("V" + i, "x".repeat(100_000));
        }
        LaunchException all = failure(many);
        assertThat(all.errno()).isEqualTo(Errno.E2BIG);
        assertThat(all).hasMessageContaining("hint: arguments and environment are too large");
    }

    @Test
    void a_large_environment_that_the_kernel_takes_arrives_whole() throws Exception {
        ContainerBuilder builder = tiny("sh", "-c", "env | wc -c");
        for (int i = 0; i < 100; i++) {
            builder.env("V" + i, "x".repeat(10_000));
        }
        assertThat(Long.parseLong(builder.run(LIMIT).stdout().trim())).isGreaterThan(1_000_000);
    }

    @Test
    void a_limit_above_the_hard_limit_is_refused_by_the_kernel() throws Exception {
        LaunchException e = failure(tiny("true").rlimit(new Rlimit(Rlimit.Resource.NOFILE, 1L << 40, 1L << 40)));
        assertThat(e.call()).startsWith("prlimit64(0, RLIMIT_NOFILE");
        assertThat(e.errno()).isEqualTo(Errno.EPERM);
    }

    @Test
    void the_last_word_on_a_resource_counts() throws Exception {
        ContainerBuilder builder = tiny("sh", "-c", "ulimit -Hn")
                .rlimit(new Rlimit(Rlimit.Resource.NOFILE, 64, 64))
                .rlimit(new Rlimit(Rlimit.Resource.NOFILE, 128, 128));
        assertThat(builder.run(LIMIT).stdout()).isEqualTo("128\n");
    }

    @Test
    void a_file_and_a_directory_do_not_go_together() throws Exception {
        Path file = Files.writeString(Files.createDirectory(directory.resolve("x")).resolve("file"), "");
        assertThat(failure(tiny("true").bind(file, "/mnt"))).hasMessageContaining("hint: a file can be mounted only over");
        assertThat(failure(tiny("true").bind(file.getParent(), "/etc/passwd"))).hasMessageContaining("hint: a part of");
    }

    @Test
    void a_clock_can_not_be_moved_by_more_than_the_kernel_takes() {
        assertThatThrownBy(() -> tiny("true").timeOffsets(Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_variable_without_a_value_is_refused_where_it_is_given() {
        assertThatThrownBy(() -> tiny("true").env("NAME", null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void a_secret_variable_is_not_in_the_message() throws Exception {
        assertThat(failure(tiny("nosuch").env("PW", "secret-token")).getMessage()).doesNotContain("secret-token", "PW");
    }

    @Test
    void a_failure_is_never_lost_however_the_child_and_the_poller_race() throws Exception {
        ContainerSpec spec = tiny("true").rlimit(new Rlimit(Rlimit.Resource.NOFILE, 1L << 40, 1L << 40)).build();
        for (int i = 0; i < 300 / Slow.FACTOR; i++) {
            assertThatThrownBy(() -> spec.run(LIMIT)).isInstanceOf(LaunchException.class);
            assertThatThrownBy(spec::start).isInstanceOf(LaunchException.class);
        }
    }

    @Test
    void a_mount_point_that_is_missing_in_a_read_only_root_is_named() throws Exception {
        Path root = TinyRoot.make(directory);
        LaunchException e = failure(ContainerBuilder.create()
                .rootfs(Rootfs.directory(root).asReadOnly())
                .bindReadOnly(Path.of("/etc"), "/not/there")
                .command("true"));
        assertThat(e.call()).startsWith("openat2(").contains("\"not\"");
        assertThat(e).hasMessageContaining("in a read-only root a mount point must exist");
        assertThat(directory.resolve("not")).doesNotExist();
    }

    @Test
    void L_19_a_nul_byte_is_refused_everywhere_before_anything_is_done() {
        for (ContainerBuilder builder : Collections.singletonList(ContainerBuilder.create()
                .command("a\0b")
                .env("N\0", "v")
                .env("ok", "v\0")
                .hostname("h\0")
                .workingDirectory("/w\0")
                .tmpfs("/t\0")
                .maskPath("/m\0")
                .readOnlyPath("/r\0"))) {
            assertThatThrownBy(builder::run).isInstanceOf(IllegalArgumentException.class).message()
                    .contains("argument 'a?b'", "'N?'", "'h?'", "'/w?'", "'/t?'", "'/m?'", "'/r?'");
        }
    }

    @Test
    void a_redirect_to_an_impossible_file_is_an_error_with_its_path() {
        assertThatThrownBy(() -> tiny("true")
                        .redirectOutput(ProcessBuilder.Redirect.to(new java.io.File("/no/such/dir/file")))
                        .start())
                .isInstanceOf(java.io.IOException.class)
                .hasMessageContaining("/no/such/dir/file");
    }
}
