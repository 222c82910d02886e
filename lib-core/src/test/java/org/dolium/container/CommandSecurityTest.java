// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows F-05 to F-08, L-13, L-14 and P-07 of the security matrix: what is executed, and by what.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class CommandSecurityTest extends SecurityRows {
    private static final int F_SETFD = 2;

    private static Path script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Opens and closes descriptors without close-on-exec until it is told to stop.
    private Thread storm(AtomicBoolean stop, AtomicLong opened) {
        return Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                try (Fd fd = Fd.open(canary.directory().toString(), 0, 0)) {
                    org.dolium.kernel.Kernel.call(Sys.FCNTL, fd.number(), F_SETFD, 0);
                    opened.incrementAndGet();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
    }

    private List<String> descriptorsInAStorm(ContainerSpec spec) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong opened = new AtomicLong();
        List<Thread> threads = List.of(storm(stop, opened), storm(stop, opened));
        List<String> seen = new ArrayList<>();
        try {
            for (int i = 0; i < 150; i++) {
                seen.add(output(spec));
            }
        } finally {
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(opened.get()).isGreaterThan(1000);
        return seen;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_05_no_descriptor_is_passed_while_threads_open_many(Mode mode) throws Exception {
        ContainerSpec spec = tiny(mode, "ls /proc/self/fd | tr '\\n' ' '").build();
        assertThat(descriptorsInAStorm(spec)).containsOnly("0 1 2 3 "); // 3 is what ls reads the directory with
    }

    /// The descriptors are closed twice: marked in the JVM's child, and closed by the plan. The second is left out, and what
    /// the plan itself opens stays too, but for close-on-exec.
    @ParameterizedTest
    @MethodSource("modes")
    void F_05_without_the_control_one_is_passed(Mode mode) throws Exception {
        ContainerSpec weak = Variant.of(tiny(mode, "ls /proc/self/fd | tr '\\n' ' '"), "close_range\\(4, .*", step ->
                new Step.Call(Syscall.of(Sys.FCNTL, Arg.num(3), Arg.flags(0, "F_DUPFD"), Arg.num(200))));
        assertThat(descriptorsInAStorm(weak)).allMatch(seen -> seen.contains(" 200 "));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_06_an_interpreter_of_the_host_is_not_found(Mode mode) throws Exception {
        Path interpreter = script(directory.resolve("interpreter"), "#!/bin/sh\necho host\n");
        script(root.resolve("bin/trap"), "#!" + interpreter + "\n");
        assertThatThrownBy(() -> direct(mode, "/bin/trap").run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("ENOENT");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_06_control_with_the_interpreter_inside_it_runs(Mode mode) throws Exception {
        Path interpreter = script(directory.resolve("interpreter"), "#!/bin/sh\necho host\n");
        script(root.resolve("bin/trap"), "#!/mnt/interpreter\n");
        assertThat(output(direct(mode, "/bin/trap").bindReadOnly(interpreter.getParent(), "/mnt"))).isEqualTo("host\n");
    }

    private ContainerBuilder direct(Mode mode, String... command) {
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.directory(root)).command(command));
    }

    /// The JVM's working directory has a file that the container has not.
    @ParameterizedTest
    @MethodSource("modes")
    void F_07_a_command_is_searched_for_in_the_container_only(Mode mode) throws Exception {
        Path here = Path.of("").toAbsolutePath();
        String name;
        try (Stream<Path> files = Files.list(here)) {
            name = files.filter(Files::isRegularFile).findFirst().map(file -> file.getFileName().toString()).orElse("pom.xml");
        }
        for (String path : new String[] {":", "", ".", "/proc/self/cwd", "/proc/1/cwd:/proc/self/fd/3", here.toString()}) {
            assertThatThrownBy(() -> direct(mode, name).env("PATH", path).run(LIMIT))
                    .as("PATH=" + path)
                    .isInstanceOfAny(LaunchException.class, IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_07_control_in_the_container_it_is_found(Mode mode) throws Exception {
        script(root.resolve("mnt/mine"), "#!/bin/sh\necho mine\n");
        for (String path : new String[] {":", ".", "/proc/self/cwd", "/nowhere:/mnt"}) {
            assertThat(output(direct(mode, "mine").workingDirectory("/mnt").env("PATH", path))).as(path).isEqualTo("mine\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void L_14_the_program_of_the_launch_does_nothing_when_it_is_run_again(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("again"), Path.of("/proc/self/exe"));
        script(root.resolve("bin/again"), "#!/proc/self/exe\n");
        for (String command : new String[] {"/proc/self/exe", "/again", "/bin/again", "/proc/1/exe"}) {
            try {
                Result result = direct(mode, command).run(LIMIT);
                assertThat(result.status().success()).as(command).isFalse();
                assertThat(result.stdout() + result.stderr()).as(command).isEmpty();
            } catch (LaunchException e) {
                assertThat(e.call()).as(command).startsWith("execve(");
            }
        }
    }

    /// Nothing of the launch remains in the container that could be overwritten: the program of process 1 is the command's.
    @ParameterizedTest
    @MethodSource("modes")
    void L_13_the_program_of_the_launch_is_not_there_to_be_overwritten(Mode mode) throws Exception {
        String attack = "for p in /proc/[0-9]*; do readlink $p/exe; (: > $p/exe) 2>/dev/null && echo WRITTEN $p; done;"
                + "grep -c memfd /proc/*/maps | grep -v ':0$'; ls -l /proc/self/fd 2>/dev/null | grep memfd";
        assertThat(output(tiny(mode, attack)).lines()).isNotEmpty().containsOnly("/bin/busybox");
        assertThat(output(tiny(mode, "echo next"))).isEqualTo("next\n");
    }

    /// Where the container's files could be in the way, the plan names none but the working directory and the command.
    @ParameterizedTest
    @MethodSource("modes")
    void P_07_after_the_change_of_the_root_nothing_of_proc_is_opened(Mode mode) throws Exception {
        List<String> steps = tiny(mode, "true").build().explain().lines().toList();
        int pivot = indexOf(steps, "pivot_root(");
        assertThat(steps.subList(pivot, steps.size())).filteredOn(step -> step.contains("\"/") || step.contains("open"))
                .isNotEmpty()
                .allMatch(step -> step.matches(".*\\b(chdir|execve)\\(.*"));
        assertThat(steps.subList(0, pivot)).anyMatch(step -> step.contains("open")); // the look itself sees such steps
    }

    private static int indexOf(List<String> steps, String text) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).contains(text)) {
                return i;
            }
        }
        throw new AssertionError("no " + text + " in " + steps);
    }
}
