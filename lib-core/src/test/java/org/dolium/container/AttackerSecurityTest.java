// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.dolium.capability.Capability;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.testing.Attacker;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Racer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows L-03, L-09, L-10 and O-04 of the security matrix: somebody attacks every process that he sees while containers are
/// started.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class AttackerSecurityTest extends SecurityRows {
    /// The command line of a process that performs a plan.
    private static final String LAUNCH = "init";
    private static final String UID = "54321";
    private static final String STREAMS = "descriptor (pipe|socket|/dev/null) of .*";

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private static ContainerBuilder attacker(Mode mode, String victim) {
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.host()).command(Attacker.command(victim, false)))
                .addCapabilities(Capability.SYS_PTRACE);
    }

    /// Starts containers for some seconds while a container attacks what it sees.
    private Attacker attackFromInside(ContainerBuilder attacker) throws Exception {
        try (Container container = attacker.start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            startMany(tiny(Mode.R, "true").build(), false);
            container.process().outputWriter().append('\n').close();
            return Attacker.result(new String(container.process().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        }
    }

    /// The same by a process of the host that has the uid of the containers' user, and sees all processes.
    private Attacker attackFromOutside(ContainerSpec spec, boolean killing, boolean mayFail) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid", UID, "--regid", UID, "--clear-groups", "--inh-caps=-all"));
        command.addAll(Attacker.command(LAUNCH, killing));
        Process attacker = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            assertThat(attacker.inputReader().readLine()).isEqualTo("ready");
            startMany(spec, mayFail);
        } finally {
            attacker.getOutputStream().write('\n');
            attacker.getOutputStream().close();
        }
        Attacker result = Attacker.result(new String(attacker.inputReader().lines().reduce("", (a, b) -> a + "\n" + b)));
        assertThat(attacker.waitFor()).isZero();
        return result;
    }

    private static void startMany(ContainerSpec spec, boolean mayFail) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Racer.SECONDS);
        for (int i = 0; i < 100 || System.nanoTime() < end; i++) {
            try {
                spec.run(LIMIT);
            } catch (LaunchException e) {
                assertThat(mayFail).as("%s", e).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void L_03_a_container_that_may_trace_reaches_no_process_of_a_launch(Mode mode) throws Exception {
        Attacker attacker = attackFromInside(attacker(mode, "*"));
        assertThat(attacker.tries()).isEmpty(); // it sees nobody but itself
        assertThat(attacker.hits()).isEmpty();
    }

    @Test
    void L_03_without_the_control_it_reads_the_jvms_memory() throws Exception {
        String jvm = Long.toString(ProcessHandle.current().pid());
        Attacker attacker = Attacker.rounds(AttackerSecurityTest::readsJava, () ->
                attackFromInside(attacker(Mode.R, jvm).namespace(NamespaceKind.PID, NamespaceMode.host())));
        assertThat(readsJava(attacker)).as("%s", attacker).isTrue();
    }

    private static boolean readsJava(Attacker attacker) {
        return attacker.hits().keySet().stream().anyMatch(hit -> hit.matches("memory of .*java"));
    }

    /// After it has the ids of the container's user a launch takes a while.
    private ContainerSpec lingering(boolean dumpable, boolean closing) throws Exception {
        byte[] pause = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(0).putLong(20_000_000).array();
        return Variant.of(
                tiny(Mode.R, "true").user(UID + ":" + UID), "prctl\\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL.*|umask\\(022\\)|close_range\\(4, .*",
                step -> step.toString().startsWith("close_range") ? closing ? step : new Step.Call(Syscall.of(Sys.GETPID))
                        : !step.toString().startsWith("umask")
                        ? dumpable ? new Step.Call(Syscall.of(Sys.PRCTL, Arg.flags(4, "PR_SET_DUMPABLE"), Arg.num(1))) : step
                        : new Step.Call(Syscall.of(
                                Sys.PPOLL, Arg.num(0), Arg.num(0), new Arg.Bytes(pause, "{20 ms}"), Arg.num(0), Arg.num(0))));
    }

    @Test
    void L_09_a_process_of_the_containers_user_neither_traces_nor_reads_a_launch() throws Exception {
        Attacker attacker = Attacker.rounds(AttackerSecurityTest::triedEnough, () -> attackFromOutside(lingering(false, true), false, false));
        assertThat(attacker.tried(LAUNCH)).isGreaterThan(100);
        assertThat(attacker.hits()).isEmpty();
    }

    @Test
    void L_09_without_the_control_it_does() throws Exception {
        Attacker attacker = Attacker.rounds(
                all -> all.hits().containsKey("memory of " + LAUNCH), () -> attackFromOutside(lingering(true, true), false, true));
        assertThat(attacker.hits()).containsKey("memory of " + LAUNCH);
    }

    private static boolean triedEnough(Attacker attacker) {
        return attacker.tried(LAUNCH) > 100;
    }

    @Test
    void L_10_a_launch_that_is_killed_is_not_robbed() throws Exception {
        Attacker attacker = Attacker.rounds(AttackerSecurityTest::triedEnough, () -> attackFromOutside(lingering(false, true), true, true));
        assertThat(attacker.tried(LAUNCH)).isGreaterThan(100);
        // on a kernel with CVE-2026-46333 its standard streams can be had, and the socket to the JVM: nothing of the host
        assertThat(attacker.hits().keySet()).allMatch(hit -> hit.matches(STREAMS));
    }

    /// Only a kernel with that weakness lets anybody rob a dying process, so only there the control can be seen.
    @Test
    void L_10_without_the_control_it_is_robbed_of_directories_where_the_kernel_allows_it() throws Exception {
        Set<String> hits = attackFromOutside(lingering(false, false), true, true).hits().keySet();
        assertThat(hits).satisfiesAnyOf(
                none -> assertThat(none).isEmpty(), some -> assertThat(some).anyMatch(hit -> !hit.matches(STREAMS)));
    }

    @Test
    void O_04_a_container_can_neither_see_nor_signal_the_jvm() throws Exception {
        for (Mode mode : modes()) {
            assertThat(output(signalling(mode))).isEqualTo("sh: can't kill pid N: No such process\n1\n");
        }
    }

    @Test
    void O_04_without_the_control_it_can() throws Exception {
        assertThat(output(signalling(Mode.R).namespace(NamespaceKind.PID, NamespaceMode.host()))).endsWith("\n0\n").contains("java");
    }

    private ContainerBuilder signalling(Mode mode) {
        String pid = Long.toString(ProcessHandle.current().pid());
        return tiny(mode, "{ cat /proc/" + pid + "/cmdline | tr '\\0' '\\n' | head -1; } 2>/dev/null;"
                + "kill -0 " + pid + " 2>&1 | sed 's/pid " + pid + "/pid N/'; kill -0 " + pid + " 2>/dev/null; echo $?");
    }
}
