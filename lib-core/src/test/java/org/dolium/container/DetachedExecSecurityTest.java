// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Rows X of the security matrix once more, for commands in containers that are found again for each of them; and what only those are
/// exposed to.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedExecSecurityTest extends ExecSecurityTest {
    private static final int EXECS = 600;

    @Override
    Opened open(ContainerBuilder builder) throws Exception {
        return Opened.found(directory, builder);
    }

    @Override
    int execs() {
        return EXECS;
    }

    /// Whoever has frozen it: that is asked of the kernel.
    @Test
    @Override
    void L_08_a_frozen_container_is_not_waited_for_longer_than_allowed() throws Exception {
        if (modes().contains(Mode.U1)) {
            return; // has no cgroup
        }
        try (Opened container = open(tiny(Mode.R, "exec sleep 1000"))) {
            Files.writeString(frozen(container), "1");
            Await.that("it is frozen", () -> ((Opened.Found) container).container().state() == DetachedState.PAUSED);
            assertThatIllegalStateException().isThrownBy(() -> container.exec("true").run(LIMIT)).withMessage("the container is paused");
            assertThatIllegalStateException().isThrownBy(() -> container.exec("true").start()).withMessage("the container is paused");
            Files.writeString(frozen(container), "0");
            assertThat(container.exec("echo", "on").run(LIMIT).stdout()).isEqualTo("on\n");
        }
    }

    private static final class State implements AutoCloseable {
        private final StateDirectory state;
        private final Entry entry;

        State(Opened container) throws Exception {
            Opened.Found found = (Opened.Found) container;
            this.state = StateDirectory.open(found.state());
            this.entry = state.entry(found.container().id());
        }

        /// Writes down that this process was the container's first one.
        void first(int pid, long birth) throws IOException {
            Run run = entry.run();
            ExecRecord record = ExecRecord.read(entry, run);
            entry.exec(new ExecRecord(record.id(), pid, birth, record.maker(), record.basis()).bytes());
            entry.run(new Run(pid, birth, run.monitor(), run.monitorBirth(), run.pidNamespace(), run.started(), run.init(), run.stopSignal(),
                    run.askedFor(), run.reductions()));
        }

        @Override
        public void close() {
            entry.close();
            state.close();
        }
    }

    /// As if the kernel had given the container's pid to it.
    @Test
    void X_06_a_process_of_the_host_that_has_the_pid_now_is_never_entered() throws Exception {
        if (modes().contains(Mode.U1)) {
            return; // could not be entered anyway
        }
        String host = JoinTest.namespace(ProcessHandle.current().pid(), NamespaceKind.MOUNT);
        Process other = new ProcessBuilder("sleep", "1000").start();
        try (Opened container = open(tiny(Mode.R, "exec sleep 1000"));
                State state = new State(container)) {
            int pid = (int) container.pid();
            long birth = Alive.birth(pid);
            state.first((int) other.pid(), birth);
            assertThatIllegalStateException().isThrownBy(() -> container.exec("readlink", "/proc/self/ns/mnt").run(LIMIT))
                    .withMessage("the container has ended");
            state.first((int) other.pid(), Alive.birth((int) other.pid())); // the negative control: it is believed
            assertThat(container.exec("readlink", "/proc/self/ns/mnt").run(LIMIT).stdout()).isEqualTo(host + "\n");
            state.first(pid, birth);
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /// What a container and a further command have of the JVMs that started them.
    private String inherited(List<String> prefix, String... words) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(QuickJvm.command());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DetachedMain.class.getName(),
                directory.resolve("state").toString(), root.toString()));
        command.addAll(List.of(words));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jvm.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void X_03_limits_and_oom_score_of_the_jvm_that_started_it_hold_for_commands_of_others() throws Exception {
        String state = "tail -n +2 /proc/self/limits; cat /proc/self/oom_score_adj";
        List<String> lesser = List.of("sh", "-c", "echo 300 >/proc/self/oom_score_adj; ulimit -n 700; ulimit -f 100000; ulimit -S -t 5000;"
                + " exec \"$@\"", "sh");
        assertThat(inherited(lesser, "start", "box", "sh", "-c", state + "; echo END; exec sleep 1000")).contains("started ");
        DetachedContainer container = Containers.at(directory.resolve("state")).find("box").orElseThrow();
        try {
            DetachedCases.awaitLine(container, "END");
            List<String> own = container.logs().lines().stream().map(LogLine::text).takeWhile(line -> !line.equals("END")).toList();
            assertThat(own).anyMatch(line -> line.matches("Max open files +700 +700 +files *")).contains("300");
            assertThat(container.exec("sh", "-c", state).run(LIMIT).stdout().lines().toList()).isEqualTo(own);
            ExecBuilder weak = ExecVariant.without(container.exec("sh", "-c", state), "prlimit64\\(0, RLIMIT_(NOFILE|FSIZE|CPU).*");
            assertThat(weak.run(LIMIT).stdout().lines().toList()).isNotEqualTo(own).contains("300");
            weak = ExecVariant.without(container.exec("sh", "-c", state), "write\\(.*\"300\".*");
            assertThat(weak.run(LIMIT).stdout().lines().toList()).isNotEqualTo(own).doesNotContain("300");
        } finally {
            container.remove(true);
        }
    }

    @Test
    void X_03_a_jvm_in_other_namespaces_gives_a_container_none_of_them() throws Exception {
        if (modes().contains(Mode.U1)) {
            return; // its containers have none of the JVM's namespaces but that of time
        }
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.directory(root)).namespace(NamespaceKind.NET, NamespaceMode.host())
                .command("sleep", "1000");
        DetachedContainer container = Containers.at(directory.resolve("state")).start(builder, DetachedOptions.standard().name("box"));
        try {
            assertThat(inherited(List.of(), "exec", "box", "echo", "fine")).isEqualTo("fine\nexited with code 0\n");
            assertThat(inherited(List.of("unshare", "--uts", "--ipc"), "exec", "box", "echo", "fine")).startsWith("fine\n");
            assertThat(inherited(List.of("sh", "-c", "unshare --net \"$@\" 2>&1 || true", "sh"), "exec", "box", "echo", "fine"))
                    .contains("it is in another net namespace").doesNotContain("fine\n");
        } finally {
            container.remove(true);
        }
    }
}
