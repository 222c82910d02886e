// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows F of the security matrix: file descriptors, working directory, standard streams.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DescriptorSecurityTest extends SecurityRows {
    private static final int MANY = 5000;
    private static final int F_SETFD = 2;
    private static final String CLOSES = "close_range\\(4, .*";
    private static final String LIST = "ls /proc/self/fd | tr '\\n' ' '";

    /// Opens files, directories, sockets and namespaces of the host without close-on-exec.
    private static List<Fd> openMany(int count, Path... paths) throws IOException {
        List<Fd> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Fd fd = Fd.open(paths[i % paths.length].toString(), 0, 0);
            Kernel.check(Kernel.call(Sys.FCNTL, fd.number(), F_SETFD, 0), "fcntl(F_SETFD, 0)");
            open.add(fd);
        }
        return open;
    }

    private static void close(List<Fd> open) {
        for (Fd fd : open) {
            fd.close();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_01_no_descriptor_of_the_jvm_reaches_the_command(Mode mode) throws Exception {
        List<Fd> open = openMany(
                MANY, canary.directory(), canary.directory().resolve("file"), Path.of("/proc/self/ns/mnt"), Path.of("/"));
        try {
            assertThat(output(tiny(mode, LIST))).isEqualTo("0 1 2 3 "); // 3 is what ls reads the directory with
        } finally {
            close(open);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_01_without_the_control_a_descriptor_is_seen(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, LIST);
        // the root's descriptor is copied without close-on-exec where everything else is closed
        String plan = builder.build().explain();
        int tree = Integer.parseInt(plan.replaceFirst("(?s).*\\nX?\\$(\\d+) = open_tree\\(AT_FDCWD, \"[^\"]*root\".*", "$1"));
        ContainerSpec weak = Variant.of(builder, CLOSES, step -> new Step.Call(
                Syscall.of(Sys.FCNTL, new Arg.Result(tree), Arg.flags(0, "F_DUPFD"), Arg.num(200))));
        assertThat(output(weak)).contains(" 200 ");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_01_a_working_directory_in_proc_self_fd_is_refused(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("sneaky"), Path.of("/proc/self/fd/7"));
        List<Fd> open = openMany(100, canary.directory());
        try {
            for (int fd = 0; fd < 64; fd++) {
                String path = "/proc/self/fd/" + fd;
                assertThatThrownBy(() -> tiny(mode, "true").workingDirectory(path).run(LIMIT))
                        .isInstanceOf(LaunchException.class)
                        .hasMessageContaining("chdir(\"" + path + "\")");
            }
            assertThatThrownBy(() -> tiny(mode, "true").workingDirectory("/sneaky").run(LIMIT))
                    .isInstanceOf(LaunchException.class);
        } finally {
            close(open);
        }
    }

    /// The descriptors of the plan itself lead to detached trees and to the host; without the closing they are usable.
    private boolean someDescriptorIsUsable(Mode mode, boolean closing) throws Exception {
        for (int fd = 3; fd < 64; fd++) {
            ContainerBuilder builder = mode.apply(ContainerBuilder.create()
                    .rootfs(Rootfs.directory(root))
                    .command("/proc/self/fd/" + fd + "/bin/true"));
            ContainerSpec spec = closing ? builder.build() : Variant.without(builder, CLOSES);
            Throwable failure = catchThrowable(() -> spec.run(LIMIT));
            if (failure == null) {
                return true;
            }
            assertThat(failure).isInstanceOf(LaunchException.class);
        }
        return false;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_02_a_command_below_proc_self_fd_is_refused(Mode mode) throws Exception {
        assertThat(someDescriptorIsUsable(mode, true)).isFalse();
        Path script = Files.writeString(root.resolve("bin/script"), "#!/proc/self/fd/7/bin/sh\necho ran\n");
        assertThat(script.toFile().setExecutable(true, false)).isTrue();
        assertThatThrownBy(() -> tiny(mode, "").command("/bin/script").run(LIMIT)).isInstanceOf(LaunchException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_02_without_the_control_a_descriptor_is_a_way_to_a_program(Mode mode) throws Exception {
        assertThat(someDescriptorIsUsable(mode, false)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_03_a_working_directory_that_is_being_moved_is_inside_or_an_error(Mode mode) throws Exception {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Path moving = Files.createDirectories(shared.resolve("a/moving"));
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        ContainerSpec spec = tiny(mode, "pwd; cat /proc/self/cwd/../../canary/file").bind(shared, "/mnt")
                .workingDirectory("/mnt/a/moving").build();
        int[] moves = new int[1];
        boolean[] stop = new boolean[1];
        Thread racer = Thread.ofPlatform().start(() -> {
            while (!stop[0]) {
                boolean moved = moving.toFile().renameTo(elsewhere.resolve("moving").toFile());
                moves[0] += moved ? 1 : 0;
                elsewhere.resolve("moving").toFile().renameTo(moving.toFile());
            }
        });
        int inside = 0;
        for (int i = 0; i < Slow.repeats(150); i++) {
            try {
                Result result = spec.run(LIMIT);
                inside += result.stdout().startsWith("/") ? 1 : 0;
                assertThat(result.stdout()).doesNotContain(Canary.SECRET);
            } catch (LaunchException e) {
                assertThat(e.call()).matches("(chdir|getcwd|expect \\$\\d+ starts).*");
            }
        }
        stop[0] = true;
        racer.join();
        assertThat(moves[0]).isGreaterThan(Slow.repeats(100));
        assertThat(inside).isPositive();
    }

    /// Enters a directory of the host by a descriptor instead of the asked one by its path.
    private ContainerSpec outside(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "cat canary/file; cat ../canary/file").workingDirectory("/mnt");
        return Variant.of(
                builder, "chdir\\(\"/mnt\"\\)", step -> new Step.Call(Syscall.of(Sys.FCHDIR, Arg.num(60))));
    }

    private ContainerSpec withHostDirectory(ContainerSpec spec, boolean checked) throws Exception {
        List<Step> steps = new ArrayList<>();
        for (Step step : spec.blueprint.program().plan().steps()) {
            String text = step.toString();
            if (text.startsWith("prctl(PR_SET_DUMPABLE")) { // any early step that nothing depends on
                steps.add(new Step.Call(Syscall.of(
                        Sys.OPENAT, Arg.AT_FDCWD, Arg.str(directory.toString()), Arg.flags(0x210000, "O_PATH|O_DIRECTORY"),
                        Arg.num(0))));
            } else if (text.startsWith("close_range(4")) {
                int opened = indexOf(spec, "prctl(PR_SET_DUMPABLE");
                steps.add(new Step.Call(Syscall.of(
                        Sys.DUP3, new Arg.Result(opened), Arg.num(60), Arg.num(0))));
            } else if (!checked && text.contains("starts with /")) {
                steps.add(new Step.Call(Syscall.of(Sys.GETPID)));
            } else {
                steps.add(step);
            }
        }
        Blueprint old = spec.blueprint;
        return new ContainerSpec(
                tiny(Mode.here().get(0), "true"),
                new Blueprint(
                        old.spec(), old.host(), old.diskUpper(), old.idMaps(), old.mappedBinds(), old.groupPlan(),
                        org.dolium.launch.Program.compile(new org.dolium.plan.LaunchPlan(
                                steps, old.program().plan().statusFd(), old.program().plan().asksAgain()))),
                spec.reductions());
    }

    private static int indexOf(ContainerSpec spec, String start) {
        List<Step> steps = spec.blueprint.program().plan().steps();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).toString().startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("no step starts with " + start);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_03_a_working_directory_outside_of_the_root_ends_the_launch(Mode mode) throws Exception {
        ContainerSpec spec = withHostDirectory(outside(mode), true);
        assertThatThrownBy(() -> spec.run(LIMIT)).isInstanceOf(LaunchException.class).hasMessageContaining("EPROTO");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_03_without_the_control_the_host_can_be_read_from_there(Mode mode) throws Exception {
        assertThat(output(withHostDirectory(outside(mode), false))).contains(Canary.SECRET);
    }

    @Test
    void F_04_the_jvms_own_streams_are_never_the_commands_unless_asked() throws Exception {
        Path log = Files.writeString(directory.resolve("log"), "precious\n");
        String attack = "echo gone > /proc/self/fd/1; : > /proc/self/fd/2; echo x 1<> /proc/self/fd/0";
        assertThat(tiny(Mode.here().get(0), attack).run(LIMIT).stdout()).isEqualTo("gone\n");
        assertThat(tiny(Mode.here().get(0), "readlink /proc/self/fd/0; readlink /proc/self/fd/1").run(LIMIT).stdout())
                .startsWith("/dev/null\npipe:[");
        assertThat(log).hasContent("precious\n");
    }

    @Test
    void F_04_without_the_control_a_redirected_file_can_be_emptied() throws Exception {
        Path log = Files.writeString(directory.resolve("log"), "precious\n");
        tiny(Mode.here().get(0), ": > /proc/self/fd/1")
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .run(LIMIT);
        assertThat(log).isEmptyFile();
    }
}
