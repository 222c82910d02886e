// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.container.TerminalTest.until;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Further commands in detached containers, which are found again for each of them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedExecTest extends DetachedCases {
    private static final ExitStatus GOOD = new ExitStatus.Exited(0);

    private Path file(DetachedContainer container, String name) {
        return containers.directory().resolve("containers").resolve(container.id()).resolve(name);
    }

    private DetachedContainer sleeping() throws Exception {
        return containers.start(tiny("sleep", "1000").hostname("box").env("A", "1").env("B", "2"), named("web"));
    }

    private ExecBuilder exec(String... words) throws Exception {
        return Containers.at(containers.directory()).find("web").orElseThrow().exec(words);
    }

    private ExecBuilder sh(String script) throws Exception {
        return exec("sh", "-c", script);
    }

    private static boolean root() {
        return ProcessStatus.self().effectiveUid() == 0;
    }

    @Test
    void another_jvm_than_the_one_that_started_it_runs_a_command_in_it() throws Exception {
        assertThat(said("start", "web", "sleep", "1000")).contains("done");
        assertThat(said("exec", "web", "sh", "-c", "hostname; tr '\\0' ' ' </proc/1/cmdline; echo; exit 7"))
                .containsExactly("dolium", "sleep 1000 ", "exited with code 7");
        Result result = sh("echo out; echo err >&2; exit 3").run(LONG);
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(3));
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void its_environment_directory_and_input_are_as_wanted() throws Exception {
        sleeping();
        assertThat(exec("env").env("B", "3").env(Map.of("C", "4\n5")).run(LONG).stdout().split("\n"))
                .contains("A=1", "B=3", "C=4", "5", "HOME=/root", "HOSTNAME=box").hasSize(7); // and PATH
        assertThat(exec("pwd").workingDirectory("/tmp").run(LONG).stdout()).isEqualTo("/tmp\n");
        assertThat(exec("pwd").run(LONG).stdout()).isEqualTo("/\n");
        assertThat(exec("cat").input("typed\n").run(LONG).stdout()).isEqualTo("typed\n");
        assertThat(exec("cat").run(LONG).stdout()).isEmpty();
        Path output = directory.resolve("output");
        exec("echo", "x").redirectOutput(Redirect.to(output.toFile())).run(LONG);
        assertThat(output).hasContent("x");
        try (Execution execution = exec("cat").start()) {
            execution.process().outputWriter().append("line\n").flush();
            assertThat(execution.process().inputReader().readLine()).isEqualTo("line");
            assertThat(execution.toString()).contains("in container web (").contains("running");
            execution.process().outputWriter().close();
            assertThat(execution.waitFor(LONG)).contains(GOOD);
        }
    }

    /// What the container makes of its files afterwards does not matter.
    @Test
    void its_user_is_one_of_those_that_there_were_when_the_container_was_started() throws Exception {
        sleeping();
        String id = "echo $(id -u):$(id -g) $HOME";
        assertThat(sh(id).user("root").run(LONG).stdout()).isEqualTo("0:0 /root\n");
        assertThat(sh("echo 'eve:x:0:0::/:/bin/sh' >>/etc/passwd; grep -c eve /etc/passwd").run(LONG).stdout()).isEqualTo("1\n");
        assertThatThrownBy(() -> sh(id).user("eve").run(LONG)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown user 'eve'");
        if (root()) {
            assertThat(sh(id).user("alice").run(LONG).stdout()).isEqualTo("1000:1000 /home/alice\n");
            assertThat(sh(id).user("1234:5678").run(LONG).stdout()).isEqualTo("1234:5678 /\n");
        }
    }

    @Test
    void it_is_killed_when_its_time_is_over_and_by_a_signal() throws Exception {
        DetachedContainer container = sleeping();
        assertThat(exec("sleep", "1000").run(Duration.ofMillis(200)).status()).isInstanceOf(ExitStatus.TimedOut.class);
        try (Execution execution = exec("sleep", "1000").start()) {
            assertThat(execution.kill(Signal.TERM)).isTrue();
            assertThat(execution.waitFor(LONG)).contains(new ExitStatus.Signalled(Signal.TERM, false));
        }
        Execution closed = exec("sleep", "1000").start();
        closed.close();
        closed.close();
        assertThat(closed.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
    }

    @Test
    void a_command_that_is_not_there_or_no_program_is_told() throws Exception {
        sleeping();
        assertThatThrownBy(() -> exec("/none").run(LONG)).isInstanceOf(LaunchException.class)
                .hasMessageContaining("execve(\"/none\", [\"/none\"], [/* 5 vars */]) = -1 ENOENT");
        assertThatThrownBy(() -> exec("/etc/passwd").start()).isInstanceOf(LaunchException.class).hasMessageContaining("EACCES");
        assertThatThrownBy(() -> exec("").env("a=b", "").workingDirectory("x").run()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no command was given").hasMessageContaining("'a=b'").hasMessageContaining("'x'");
        assertThat(exec("true").explain()).contains("setns(4, ").contains("PR_SET_PDEATHSIG");
    }

    @Test
    void a_container_that_does_not_run_or_is_paused_is_not_entered() throws Exception {
        DetachedContainer container = containers.create(tiny("sleep", "1000"), named("web"));
        assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IllegalStateException.class).hasMessageContaining("does not run");
        container.start(tiny("sleep", "1000"));
        if (!groups(container.id()).isEmpty()) {
            container.pause();
            assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IllegalStateException.class)
                    .hasMessage("the container is paused");
            assertThatThrownBy(() -> exec("true").startDetached()).isInstanceOf(IllegalStateException.class);
            container.resume();
        }
        assertThat(exec("true").run(LONG).status()).isEqualTo(GOOD);
        container.stop(Signal.KILL, Duration.ZERO);
        assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IllegalStateException.class).hasMessageContaining("does not run");
        container.start(tiny("sleep", "1000").env("A", "again"));
        assertThat(sh("echo $A").run(LONG).stdout()).isEqualTo("again\n");
    }

    @Test
    void its_end_ends_what_runs_in_it() throws Exception {
        DetachedContainer container = sleeping();
        try (Execution execution = exec("sleep", "1000").start()) {
            long other = exec("sleep", "2000").startDetached();
            container.stop(Signal.KILL, Duration.ZERO);
            assertThat(execution.waitFor(LONG)).contains(new ExitStatus.Signalled(Signal.KILL, false));
            await("the end of the other", () -> !Files.exists(Path.of("/proc/" + other)));
        }
    }

    @Test
    void whoever_enters_while_it_ends_runs_in_it_or_is_told() throws Exception {
        for (int i = 0; i < 10; i++) {
            DetachedContainer container = containers.start(tiny("sleep", "1000"), named("web"));
            ExecBuilder exec = exec("cat", "/etc/hostname", "/proc/1/comm");
            CompletableFuture<Stopped> stopped = new CompletableFuture<>();
            Thread stopper = Thread.ofVirtual().start(() -> {
                try {
                    stopped.complete(container.stop(Signal.KILL, Duration.ZERO));
                } catch (IOException | InterruptedException e) {
                    stopped.completeExceptionally(e);
                }
            });
            while (true) {
                try {
                    Result result = exec.run(LONG);
                    assertThat(result.stdout()).isIn("", "sleep\n");
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageMatching("the container has ended|container .* does not run");
                    break;
                } catch (LaunchException e) {
                    assertThat(e.call()).matches("(setns|clone|clone3|write)\\(.*"); // it had not been waited for
                }
            }
            stopper.join();
            assertThat(stopped.join().status()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
            container.remove(false);
        }
    }

    @Test
    void a_command_ends_with_the_jvm_that_asked_for_it() throws Exception {
        sleeping();
        Process jvm = jvm("exec-and-wait", "web", "sleep", "2000");
        try (BufferedReader output = jvm.inputReader()) {
            long pid = Long.parseLong(started(output));
            assertThat(Path.of("/proc/" + pid)).exists();
            jvm.destroyForcibly().waitFor();
            await("the end of the command", () -> isOver(pid));
        }
        assertThat(exec("true").run(LONG).status()).isEqualTo(GOOD);
    }

    /// Whether nobody waits for what has ended does not matter.
    private static boolean isOver(long pid) throws Exception {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void a_command_that_was_started_detached_goes_on_without_the_jvm_and_ends_with_the_container() throws Exception {
        DetachedContainer container = sleeping();
        String script = "touch /tmp/begun; while ! test -e /tmp/go; do sleep 0.1; done; touch /tmp/done; sleep 1000";
        Process jvm = jvm("exec-detached", "web", "sh", "-c", script);
        long pid;
        try (BufferedReader output = jvm.inputReader()) {
            pid = Long.parseLong(started(output));
            assertThat(jvm.waitFor()).isZero();
        }
        await("its beginning", () -> sh("test -e /tmp/begun").run(LONG).status().equals(GOOD));
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup"))).isEqualTo(
                Files.readString(Path.of("/proc/" + container.pid().orElseThrow() + "/cgroup")));
        sh("touch /tmp/go").run(LONG);
        await("what it did then", () -> sh("test -e /tmp/done").run(LONG).status().equals(GOOD));
        container.stop(Signal.KILL, Duration.ZERO);
        await("its end", () -> isOver(pid));
    }

    @Test
    void a_command_that_is_started_detached_has_nothing_of_the_jvm() throws Exception {
        sleeping();
        Path output = directory.resolve("output");
        exec("sh", "-c", "cat; for i in 0 1 2; do readlink /proc/self/fd/$i; done").redirectOutput(Redirect.to(output.toFile()))
                .startDetached();
        await("its output", () -> Files.readAllLines(output).size() == 3);
        assertThat(Files.readAllLines(output)).containsExactly("/dev/null", output.toString(), "/dev/null");
        for (ExecBuilder wrong : new ExecBuilder[] {exec("true").inheritIO(), exec("true").terminal(), exec("true").input("x")}) {
            assertThatThrownBy(wrong::startDetached).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a command that outlives this JVM");
        }
        assertThatThrownBy(() -> exec("/none").startDetached()).isInstanceOf(LaunchException.class);
        try (Container container = tiny("sleep", "1000").start()) {
            assertThatThrownBy(() -> container.exec("true").startDetached()).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is not detached");
        }
    }

    @Test
    void it_can_have_a_terminal() throws Exception {
        sleeping();
        String script = "busybox stty size; trap 'busybox stty size; exit 5' WINCH; echo ready; while true; do sleep 0.1; done";
        try (Execution execution = sh(script).terminal(new TerminalSize(50, 132)).start()) {
            assertThat(until(execution.process().getInputStream(), "ready")).startsWith("50 132\r\n");
            execution.resize(60, 100);
            until(execution.process().getInputStream(), "60 100\r\n");
            assertThat(execution.waitFor(LONG)).contains(new ExitStatus.Exited(5));
        }
        assertThat(sh("busybox tty; echo $TERM").terminal().run(LONG).stdout()).isEqualTo("/dev/pts/0\r\nxterm\r\n");
    }

    @Test
    void a_record_that_is_missing_damaged_or_of_another_container_is_not_believed() throws Exception {
        DetachedContainer container = sleeping();
        DetachedContainer other = containers.start(tiny("sleep", "1000"));
        byte[] right = Files.readAllBytes(file(container, "exec"));
        byte[] bad = right.clone();
        bad[right.length / 2] ^= 1;
        Files.write(file(container, "exec"), bad);
        assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IOException.class).hasMessageContaining("/exec' is damaged: its sum is wrong");
        Files.write(file(container, "exec"), Files.readAllBytes(file(other, "exec")));
        assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IOException.class).hasMessageContaining("it is of another container");
        Files.delete(file(container, "exec"));
        assertThatThrownBy(() -> exec("true").run()).isInstanceOf(IOException.class).hasMessageContaining("older version of Dolium");
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThat(containers.damaged()).isEmpty();
    }

    @Test
    void nobody_else_can_read_its_environment_from_the_directory() throws Exception {
        DetachedContainer container = containers.start(tiny("sleep", "1000").env("SECRET", "xyzzy"));
        assertThat(Files.readString(file(container, "exec"))).contains("variable SECRET=xyzzy\n");
        assertThat(Files.getAttribute(file(container, "exec"), "unix:mode")).isEqualTo(0100600);
    }
}
