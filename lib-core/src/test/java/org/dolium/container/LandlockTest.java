// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import org.dolium.cgroup.Requirement;
import org.dolium.confinement.Landlock;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Landlock rules in containers, and the same containers without them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LandlockTest extends SecurityRows {
    private static final String RULES = "landlock_restrict_self\\(.*";
    private static final Landlock PROGRAMS = Landlock.create().execute("/bin").readOnly("/proc");

    private int version;

    @BeforeEach
    void askTheKernel() throws Exception {
        version = (int) Math.max(0, Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, 1));
        MustRun.require(version >= 3, "Landlock");
        Files.createDirectory(root.resolve("open"));
        Files.createDirectory(root.resolve("closed"));
        Files.writeString(root.resolve("open/file"), "open\n");
        Files.writeString(root.resolve("closed/file"), "closed\n");
        for (String directory : new String[] {"open", "closed"}) {
            root.resolve(directory).toFile().setWritable(true, false);
            root.resolve(directory + "/file").toFile().setWritable(true, false);
        }
    }

    private static final String READ = "cat /open/file /closed/file; ls /closed";

    @ParameterizedTest
    @MethodSource("modes")
    void only_files_that_are_listed_can_be_read(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, READ).landlock(PROGRAMS.readOnly("/open"));
        Result result = builder.run(LIMIT);
        assertThat(result.stdout()).isEqualTo("open\n");
        assertThat(result.stderr()).contains("/closed/file': Permission denied", "'/closed': Permission denied");
        assertThat(output(Variant.without(builder, RULES))).isEqualTo("open\nclosed\nfile\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void what_may_only_be_read_cannot_be_changed_in_any_way(Mode mode) throws Exception {
        String change = "cd /open; : > new; mkdir dir; ln -s x link; mkfifo pipe; rm file; mv file moved; rmdir /closed; truncate -s 0"
                + " file; echo x >> file";
        ContainerBuilder builder = tiny(mode, "(" + change + ") 2>/dev/null; ls /open; cat /open/file")
                .landlock(PROGRAMS.readOnly("/open").readWrite("/dev"));
        assertThat(output(builder)).isEqualTo("file\nopen\n");
        assertThat(output(Variant.without(builder, RULES))).contains("new", "dir", "link", "pipe");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void what_may_be_written_can_be_written_but_not_executed(Mode mode) throws Exception {
        String script = "cd /open; echo more >> file; mkdir dir; mv file dir/file; cat dir/file; ln -s x link; rm link;"
                + " cp /bin/busybox own; chmod 755 own; ./own echo ran 2>&1; mknod disk b 254 0 || echo no device";
        ContainerBuilder builder = tiny(mode, script + " 2>/dev/null").landlock(PROGRAMS.readWrite("/open", "/dev"));
        assertThat(output(builder)).contains("open\nmore\n", "./own: Permission denied", "no device").doesNotContain("ran");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_rule_can_be_about_a_single_file(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo more >> /closed/file; cat /closed/file; ls /closed 2>/dev/null; : > /closed/new")
                .landlock(PROGRAMS.readWrite("/closed/file", "/dev/null"));
        assertThat(builder.run(LIMIT).stdout()).isEqualTo("closed\nmore\n");
        assertThat(root.resolve("closed/new")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void ports_that_are_not_listed_can_not_be_used(Mode mode) throws Exception {
        MustRun.require(version >= 4, "Landlock for TCP, Linux 6.7");
        String script = """
                import socket
                def attempt(what, port):
                    s = socket.socket()
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    try: getattr(s, what)(('127.0.0.1', port)); return 'yes'
                    except OSError as e: return e.strerror
                    finally: s.close()
                print(attempt('bind', 8080), attempt('bind', 8081), attempt('connect', 9090), attempt('connect', 9091), sep=', ')
                """;
        ContainerBuilder builder = mode.apply(ContainerBuilder.create().command("python3", "-c", script));
        String refused = "Connection refused";
        assertThat(output(builder)).isEqualTo("yes, yes, " + refused + ", " + refused + "\n");
        assertThat(output(builder.landlock(Landlock.create().bindTcp(8080).connectTcp(9090))))
                .isEqualTo("yes, Permission denied, " + refused + ", Permission denied\n");
        assertThat(output(builder.landlock(Landlock.create().bindTcp().connectTcp())))
                .isEqualTo("Permission denied, Permission denied, Permission denied, Permission denied\n");
        assertThat(output(builder.landlock(Landlock.create().connectTcp(9091))))
                .isEqualTo("yes, yes, Permission denied, " + refused + "\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void rules_hold_for_other_users_and_without_no_new_privileges(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, READ).user("1000:1000").noNewPrivileges(false)
                .landlock(PROGRAMS.readOnly("/open"));
        assertThat(builder.run(LIMIT).stdout()).isEqualTo("open\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_path_that_is_missing_ends_the_launch(Mode mode) {
        assertThatThrownBy(() -> tiny(mode, "true").landlock(PROGRAMS.readOnly("/not/there")).run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("openat2(AT_FDCWD, \"/not/there\"").hasMessageContaining("ENOENT");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_command_that_may_not_be_executed_is_an_error(Mode mode) {
        assertThatThrownBy(() -> tiny(mode, "true").landlock(Landlock.create().readOnly("/")).run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("execve(").hasMessageContaining("EACCES");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void every_step_is_checked(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran").landlock(PROGRAMS.bindTcp(80));
        for (String call : new String[] {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}) {
            assertThatThrownBy(() -> Variant.failing(builder, call + "\\(.*").run(LIMIT)).isInstanceOf(LaunchException.class);
        }
        assertThat(output(builder)).isEqualTo("ran\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void what_the_kernel_cannot_enforce_is_an_error_or_a_reduction(Mode mode) throws Exception {
        Landlock newest = PROGRAMS.readOnly("/open").scoped();
        ContainerBuilder builder = tiny(mode, READ).landlock(newest, Requirement.PREFERRED);
        if (version >= 6) {
            assertThat(builder.build().reductions()).noneMatch(text -> text.startsWith("Landlock"));
        } else {
            assertThat(builder.build().reductions()).anyMatch(text -> text.startsWith("Landlock: signals"));
            assertThatThrownBy(builder.landlock(newest)::build).isInstanceOf(UnsupportedHostException.class);
        }
        assertThat(builder.landlock(newest, Requirement.PREFERRED).run(LIMIT).stdout()).isEqualTo("open\n");
    }
}
