// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dolium.testing.Kills;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Detached containers and the JVMs that start, find and stop them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedProcessTest extends DetachedCases {
    private static final String SERVICE = "trap 'echo ends; exit 7' TERM; echo ready; while :; do sleep 1 & wait $!; done";
    private static final int KILLS = 12;

    @Test
    void it_goes_on_when_its_jvm_is_killed_and_others_find_read_and_stop_it() throws Exception {
        Process starter = jvm("start-and-wait", "web", "sh", "-c", SERVICE);
        String id;
        try (BufferedReader output = starter.inputReader()) {
            id = started(output);
            starter.destroyForcibly().waitFor();
        }
        DetachedContainer container = containers.find("web").orElseThrow();
        assertThat(container.id()).isEqualTo(id);
        awaitLine(container, "ready");
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(said("state", "web")).containsExactly("RUNNING -");
        assertThat(said("logs", "web")).containsExactly("ready");
        assertThat(said("stop", "web")).containsExactly("exited with code 7");
        assertThat(said("state", "web")).containsExactly("EXITED exited with code 7");
        assertThat(said("logs", "web")).containsExactly("ready", "ends");
        assertThat(groups(id)).isEmpty();
    }

    @Test
    void its_status_is_there_when_neither_its_jvm_nor_its_monitor_is() throws Exception {
        List<String> said = said("start", "job", "sh", "-c", "echo hello; sleep 1; exit 5");
        assertThat(said).contains("done");
        DetachedContainer container = containers.find("job").orElseThrow();
        assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(5));
        assertThat(container.monitorPid()).isEmpty();
        assertThat(said("state", "job")).containsExactly("EXITED exited with code 5");
    }

    @Test
    void other_jvms_leave_its_cgroup_alone() throws Exception {
        said("start", "web", "sh", "-c", SERVICE);
        DetachedContainer container = containers.find("web").orElseThrow();
        awaitLine(container, "ready");
        List<Path> before = groups(container.id());
        said("start", "other", "true"); // makes groups of its own and removes what dead JVMs left
        try (Container _ = tiny("true").start()) {
            assertThat(groups(container.id())).isEqualTo(before);
        }
        containers.reclaim();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(groups(container.id())).isEqualTo(before);
    }

    @Test
    void its_monitor_ends_with_a_kill_and_so_does_the_container_and_nobody_knows_how() throws Exception {
        DetachedContainer container = containers.start(service(), named("web"));
        awaitLine(container, "ready");
        long pid = container.pid().orElseThrow();
        ProcessHandle.of(container.monitorPid().orElseThrow()).orElseThrow().destroyForcibly();
        await("the end of the container", () -> isOver(pid));
        await("the state", () -> container.state() == DetachedState.LOST);
        assertThat(container.exitStatus()).isEmpty();
        assertThatThrownBy(() -> container.waitFor(LONG)).isInstanceOf(IOException.class).hasMessageContaining("its monitor was killed");
        assertThat(container.logs().lines()).extracting(LogLine::text).containsExactly("ready");
        containers.reclaim();
        assertThat(groups(container.id())).isEmpty();
        container.start(script("exit 3"));
        assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(3));
    }

    /// Whether nobody waits for what has ended does not matter.
    private static boolean isOver(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.contains(") Z ") || stat.contains(") X ");
        } catch (IOException e) {
            return true; // there is no such process
        }
    }

    @Test
    void of_several_jvms_that_want_a_name_one_gets_it() throws Exception {
        List<Process> jvms = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jvms.add(jvm("start-when-told", "web", "sleep", "1000"));
        }
        for (Process jvm : jvms) {
            assertThat(jvm.inputReader().readLine()).isEqualTo("ready");
        }
        for (Process jvm : jvms) {
            jvm.getOutputStream().close();
        }
        List<String> answers = new ArrayList<>();
        for (Process jvm : jvms) {
            try (BufferedReader output = jvm.inputReader()) {
                answers.add(output.readLine());
            }
            assertThat(jvm.waitFor()).isZero();
        }
        String id = containers.find("web").orElseThrow().id();
        assertThat(answers).containsOnlyOnce("started " + id);
        assertThat(answers).filteredOn(answer -> answer.equals("started not: the name 'web' is that of container " + id)).hasSize(2);
        assertThat(entries()).containsExactly(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "start-at-terminal"})
    void a_jvm_that_is_killed_while_it_starts_one_leaves_all_of_it_or_nothing(String how) throws Exception {
        String script = "echo ready; while read line; do echo got $line; done; sleep 1000";
        Kills.of("detached " + how, KILLS, number -> jvm(how, "c" + number, "sh", "-c", script), number -> {
            List<String> before = entries();
            Containers.Reclaimed reclaimed = awaitSettled();
            List<DetachedContainer> all = containers.list();
            for (DetachedContainer container : all) {
                assertThat(container.name()).isEqualTo("c" + number);
                assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
                awaitLine(container, "ready");
                try (Attachment attached = container.attach()) {
                    assertThat(attached.hasTerminal()).isEqualTo(how.equals("start-at-terminal"));
                    if (attached.hasTerminal()) {
                        attached.input().write("keys\r".getBytes(StandardCharsets.US_ASCII));
                        TerminalTest.until(attached.output(), "got keys");
                    }
                }
                container.remove(true);
            }
            assertThat(entries()).isEmpty();
            assertThat(names()).isEmpty();
            for (String id : before) {
                assertThat(groups(id)).isEmpty();
            }
            return !reclaimed.unfinished().isEmpty();
        });
    }

    /// A monitor that dies with its JVM does so in a moment.
    private Containers.Reclaimed awaitSettled() throws Exception {
        List<String> unfinished = new ArrayList<>();
        await("the end of what the killed JVM had begun", () -> {
            unfinished.addAll(containers.reclaim().unfinished());
            List<String> found = containers.list().stream().map(DetachedContainer::id).toList();
            return found.containsAll(entries()) && containers.list().stream().allMatch(DetachedProcessTest::isReleased);
        });
        return new Containers.Reclaimed(unfinished, List.of());
    }

    private static boolean isReleased(DetachedContainer container) {
        try {
            long monitor = container.monitorPid().orElse(0);
            return monitor != 0 && container.state() == DetachedState.RUNNING && IntStream.range(0, 5).allMatch(i -> stays(monitor));
        } catch (IOException e) {
            return false;
        }
    }

    /// A signal for the end of the JVM is there before the JVM can be waited for.
    private static boolean stays(long monitor) {
        try {
            Thread.sleep(Duration.ofMillis(20));
            String status = Files.readString(Path.of("/proc/" + monitor + "/status"));
            return status.contains("State:\tS") && status.contains("SigPnd:\t0000000000000000") && status.contains("ShdPnd:\t0000000000000000");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
