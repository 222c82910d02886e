// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Row S-07: what a container could do about the calls that are asked about.
@Tag("kernel")
@Timeout(120)
@ExtendWith(LeakCheck.class)
class SupervisionSecurityTest extends SecurityRows {
    private static final String GETPPID = "110";

    private final AtomicInteger asked = new AtomicInteger();
    private final SyscallHandler counting = call -> {
        asked.incrementAndGet();
        return call.give(4711);
    };

    @BeforeEach
    void compile() throws Exception {
        InterceptedProgram.compileInto(root);
    }

    private ContainerBuilder program(Mode mode, String... arguments) {
        return tiny(mode, "").command(Stream.concat(Stream.of("intercepted"), Stream.of(arguments)).toList());
    }

    private static List<String> descriptors(long pid) throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : fds.sorted().toList()) {
                targets.add(fd.getFileName() + " " + Files.readSymbolicLink(fd));
            }
        }
        return targets;
    }

    /// The command's own descriptors at its first call, which waits meanwhile.
    ///
    /// @param instead what takes the place of the wait for the JVM that has the listener, or null for nothing
    private static List<String> descriptorsAtStart(ContainerBuilder builder, @Nullable Step instead) throws Exception {
        List<String> found = new ArrayList<>();
        builder.command("intercepted", "call", GETPPID).onSyscall("getppid", call -> {
            found.addAll(descriptors(call.pid()));
            return call.give(1);
        });
        String go = "read\\(3, \\[go\\], 1\\) must be 1";
        long[] left = {builder.build().blueprint.program().plan().steps().stream().filter(step -> step.toString().matches(go)).count()};
        ContainerSpec spec = Variant.of(builder, go, step -> --left[0] == 0 && instead != null ? instead : step);
        assertThat(spec.run(LIMIT).status().success()).isTrue();
        return found;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_the_listener_is_not_among_the_descriptors_of_the_command(Mode mode) throws Exception {
        assertThat(descriptorsAtStart(tiny(mode, ""), null)).hasSize(3)
                .noneMatch(fd -> fd.contains("seccomp")).noneMatch(fd -> fd.contains("socket"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_without_the_control_the_command_has_the_listener(Mode mode) throws Exception {
        // a copy that no exec closes
        Step copy = new Step.Call(Syscall.of(Sys.DUP3, Arg.num(4), Arg.num(9), Arg.num(0)));
        assertThat(descriptorsAtStart(tiny(mode, ""), copy)).contains("9 anon_inode:seccomp notify");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_what_the_profile_forbids_is_not_made_when_a_handler_lets_it_go_on(Mode mode) throws Exception {
        SeccompProfile noDirectories =
                SeccompProfile.standard().with(SeccompRule.of(SeccompAction.errno(Errno.EXDEV), "mkdir"));
        String script = "mkdir /tmp/x 2>&1; ls /tmp";
        ContainerBuilder builder = tiny(mode, script).tmpfs("/tmp").onSyscall("mkdir", InterceptedSyscall::proceed);
        assertThat(output(builder.seccomp(noDirectories))).contains("link").doesNotContain("\nx\n");
        assertThat(output(builder.seccomp(SeccompProfile.standard()))).as("without the control").isEqualTo("x\n");
        assertThat(output(tiny(mode, "mount -t tmpfs x /mnt 2>&1").onSyscall("mount", InterceptedSyscall::proceed)))
                .contains("permission denied");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_a_call_for_which_the_profile_kills_is_not_asked_about(Mode mode) throws Exception {
        SeccompProfile deadly = SeccompProfile.standard().with(SeccompRule.of(SeccompAction.KILL_PROCESS, "getppid"));
        ContainerBuilder builder = program(mode, "call", GETPPID).onSyscall("getppid", counting);
        assertThat(builder.seccomp(deadly).run(LIMIT).status()).isInstanceOf(ExitStatus.Signalled.class);
        assertThat(asked).hasValue(0);
        assertThat(builder.seccomp(SeccompProfile.standard()).run(LIMIT).stdout()).isEqualTo("4711\n");
        assertThat(asked).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_calls_of_another_architecture_are_neither_made_nor_asked_about(Mode mode) throws Exception {
        for (String way : List.of("int80 64", "x32 110")) { // getppid
            ContainerBuilder builder = program(mode, way.split(" ")).onSyscall("getppid", call -> call.give(4711));
            assertThat(output(builder)).isEqualTo("-38\n");
        }
        ContainerBuilder open = program(mode, "int80", "64").seccomp(SeccompProfile.unconfined());
        assertThat(output(open.onSyscall("getppid", counting))).as("without the control").matches("[0-9]+\n").doesNotContain("4711");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_no_sixth_argument_that_a_command_can_guess_spares_it_the_handler(Mode mode) throws Exception {
        // a call of the launch: umask with the sixth argument -1, 1, 2, 42 and 0
        ContainerBuilder builder = program(mode, "call", "95", "0", "-1", "1", "2", "42").onSyscall("umask", counting);
        assertThat(output(builder)).isEqualTo("4711 4711 4711 4711 4711 4711\n");
        assertThat(asked).hasValue(6);
        // with the control off, the secret known
        ContainerBuilder informed = tiny(mode, "").command("sh", "-c", "read n; intercepted call 95 $n").onSyscall("umask", counting);
        ContainerSpec spec = informed.build();
        long secret = spec.blueprint.program().plan().steps().stream()
                .filter(Step.Pass.class::isInstance).map(Step.Pass.class::cast).findFirst().orElseThrow().word();
        try (Container container = spec.start()) {
            container.process().outputWriter().append("0x" + Long.toHexString(secret) + "\n").close();
            assertThat(container.process().inputReader().readLine()).isEqualTo("18 4711");
        }
        spec.release();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_a_filter_of_the_command_can_be_stricter_but_not_take_calls_away(Mode mode) throws Exception {
        ContainerBuilder stricter = program(mode, "stricter").onSyscall("getppid", counting);
        assertThat(output(stricter)).isEqualTo("0 -25\n");
        assertThat(asked).hasValue(0);
        ContainerBuilder thief = program(mode, "listener");
        assertThat(output(thief)).as("without the control").isEqualTo("0\n");
        assertThat(output(thief.onSyscall("getppid", counting))).isEqualTo("-16\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_a_signal_does_not_take_a_call_away_from_a_handler_that_has_it(Mode mode) throws Exception {
        MustRun.require(HostProbe.host().kernelAtLeast(5, 19), "Linux 5.19");
        SyscallHandler slow = call -> {
            Thread.sleep(200);
            return counting.handle(call);
        };
        ContainerBuilder builder = program(mode, "signals").onSyscall("getppid", slow);
        assertThat(output(builder)).isEqualTo("4711\n");
        assertThat(asked).hasValue(1);
        Arg plain = Arg.flags(8, "SECCOMP_FILTER_FLAG_NEW_LISTENER"); // as before Linux 5.19
        CountDownLatch again = new CountDownLatch(3);
        ContainerBuilder disturbed = program(mode, "signals").onSyscall("getppid", call -> {
            again.countDown();
            for (int i = 0; i < 100 && call.isWaiting() && again.getCount() > 0; i++) {
                Thread.sleep(10);
            }
            return call.give(4711);
        });
        assertThat(output(Variant.withArgument(disturbed, "seccomp\\(.*", 1, plain))).isEqualTo("4711\n");
        assertThat(again.getCount()).as("without the control").isZero();
    }

    /// Not a promise but why there is none: this is what the documentation of handlers warns of.
    @ParameterizedTest
    @MethodSource("modes")
    void S_07_a_handler_that_reads_a_path_is_deceived_and_the_profile_is_not(Mode mode) throws Exception {
        SyscallHandler naive = call -> {
            boolean good = call.string(0).equals("/tmp/good");
            Thread.sleep(1);
            return good ? call.proceed() : call.fail(Errno.EPERM);
        };
        ContainerBuilder builder = program(mode, "race").tmpfs("/tmp").onSyscall("rmdir", naive);
        assertThat(output(builder)).isEqualTo("evil is gone\n");
        SeccompProfile profile =
                SeccompProfile.standard().with(SeccompRule.of(SeccompAction.errno(Errno.EPERM), "rmdir", "unlinkat"));
        assertThat(output(builder.seccomp(profile))).isEqualTo("evil is there\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_a_container_that_dies_while_calls_wait_leaves_nothing(Mode mode) throws Exception {
        for (int i = 0; i < 5; i++) {
            CountDownLatch entered = new CountDownLatch(1);
            Container container = program(mode, "threads", "8", "1000").onSyscall("getppid", call -> {
                entered.countDown();
                Thread.sleep(1_000_000);
                return call.give(4711);
            }).start();
            entered.await();
            if (i % 2 == 0) {
                container.kill(Signal.KILL);
            }
            container.close();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_07_no_command_runs_whose_calls_nobody_answers(Mode mode) throws Exception {
        // the message comes without the listener, as to a JVM that has no descriptor left
        ContainerBuilder builder = tiny(mode, "echo ran").onSyscall("getppid", counting);
        Arg.Message empty = new Arg.Message(new byte[] {'L', 'N'}, new byte[0], "{}");
        ContainerSpec spec = Variant.withArgument(builder, "sendmsg\\(.*", 1, empty);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> spec.run(LIMIT)).isInstanceOf(LaunchException.class)
                .hasMessageContaining("recvmsg(SCM_RIGHTS [listener]) = -1 EMFILE").hasMessageContaining("ulimit -n");
        org.assertj.core.api.Assertions.assertThatThrownBy(spec::start).isInstanceOf(LaunchException.class);
    }
}
