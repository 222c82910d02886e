// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.LaunchException;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Further commands in a running container.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ExecTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    Path directory;

    private ContainerBuilder sleeper() throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sleep", "1000");
    }

    private static boolean root() {
        return ProcessStatus.self().effectiveUid() == 0;
    }

    private static String sh(Container container, String script) throws Exception {
        Result result = container.exec("sh", "-c", script).run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(0));
        return result.stdout();
    }

    @Test
    void a_command_runs_in_the_container_and_its_output_is_collected() throws Exception {
        try (Container container = sleeper().hostname("box").start()) {
            Result result = container.exec("sh", "-c", "echo out; echo err >&2; hostname; exit 7").run(LIMIT);
            assertThat(result.status()).isEqualTo(new ExitStatus.Exited(7));
            assertThat(result.stdout()).isEqualTo("out\nbox\n");
            assertThat(result.stderr()).isEqualTo("err\n");
            assertThat(result.peakMemory()).isEmpty();
            assertThat(container.isAlive()).isTrue();
        }
    }

    @Test
    void it_sees_the_processes_of_the_container_and_they_see_it() throws Exception {
        try (Container container = sleeper().start()) {
            assertThat(sh(container, "cat /proc/1/cmdline | tr '\\0' ' '")).isEqualTo("sleep 1000 ");
            try (Execution second = container.exec("sleep", "2000").start()) {
                assertThat(sh(container, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).contains("sleep 1000 ", "sleep 2000 ");
                assertThat(second.isAlive()).isTrue();
            }
            assertThat(sh(container, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).doesNotContain("sleep 2000");
        }
    }

    @Test
    void it_is_in_all_namespaces_and_cgroups_of_the_container() throws Exception {
        try (Container container = sleeper().start();
                Execution execution = container.exec("sleep", "1000").start()) {
            for (NamespaceKind kind : NamespaceKind.values()) {
                assertThat(JoinTest.namespace(execution.pid(), kind)).isEqualTo(JoinTest.namespace(container.pid(), kind));
            }
            assertThat(Files.readString(Path.of("/proc/" + execution.pid() + "/cgroup")))
                    .isEqualTo(Files.readString(Path.of("/proc/" + container.pid() + "/cgroup")));
        }
    }

    @Test
    void its_environment_is_the_containers_and_what_is_added() throws Exception {
        try (Container container = sleeper().env("A", "1").env("B", "2").start()) {
            String variables = container.exec("env").env("B", "3").env(Map.of("C", "4")).run(LIMIT).stdout();
            assertThat(variables.split("\n"))
                    .contains("A=1", "B=3", "C=4", "HOME=/root", "HOSTNAME=dolium")
                    .hasSize(6); // and PATH: nothing of the JVM's
        }
    }

    @Test
    void the_command_is_looked_for_in_the_path_that_it_gets() throws Exception {
        try (Container container = sleeper().command("/bin/sleep", "1000").env("PATH", "/nowhere").start()) {
            assertThatExceptionOfType(LaunchException.class)
                    .isThrownBy(() -> container.exec("echo").run(LIMIT))
                    .withMessageContaining("execve(\"/nowhere/echo\", [\"echo\"], [/* 3 vars */]) = -1 ENOENT")
                    .withMessageContaining("no such command in the container");
            assertThat(container.exec("echo", "x").env("PATH", "/nowhere:/bin").run(LIMIT).stdout()).isEqualTo("x\n");
            assertThat(container.exec("/bin/echo", "y").run(LIMIT).stdout()).isEqualTo("y\n");
        }
    }

    @Test
    void it_begins_in_the_containers_directory_or_another() throws Exception {
        try (Container container = sleeper().workingDirectory("/tmp").start()) {
            assertThat(sh(container, "pwd")).isEqualTo("/tmp\n");
            assertThat(container.exec("pwd").workingDirectory("/etc").run(LIMIT).stdout()).isEqualTo("/etc\n");
            assertThatExceptionOfType(LaunchException.class)
                    .isThrownBy(() -> container.exec("pwd").workingDirectory("/none").run(LIMIT))
                    .withMessageContaining("chdir(\"/none\") = -1 ENOENT");
        }
    }

    @Test
    void it_is_the_containers_user_or_another() throws Exception {
        if (!root()) {
            return; // a plain user's container has one id
        }
        try (Container container = sleeper().user("1000:1001").start()) {
            assertThat(sh(container, "id -u; id -g; echo $HOME")).isEqualTo("1000\n1001\n/home/alice\n");
            assertThat(container.exec("sh", "-c", "id -u; id -g; echo $HOME").user("root").run(LIMIT).stdout())
                    .isEqualTo("0\n0\n/root\n");
            assertThat(container.exec("sh", "-c", "id -u; id -g").user("5:6").run(LIMIT).stdout()).isEqualTo("5\n6\n");
        }
    }

    @Test
    void everything_that_is_wrong_is_told_before_anything_is_done() throws Exception {
        try (Container container = sleeper().start()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> container.exec("").user("nobody-knows").workingDirectory("x").env("=", "").run())
                    .withMessageContaining("no command was given")
                    .withMessageContaining("unknown user 'nobody-knows'")
                    .withMessageContaining("working directory 'x' is not an absolute path")
                    .withMessageContaining("environment variable name '='");
        }
    }

    @Test
    void it_gets_input_and_its_streams_can_be_used_live() throws Exception {
        try (Container container = sleeper().start()) {
            assertThat(container.exec("cat").input("some input").run(LIMIT).stdout()).isEqualTo("some input");
            assertThat(container.exec("cat").run(LIMIT).stdout()).isEmpty();
            try (Execution cat = container.exec("cat").start()) {
                for (int i = 0; i < 3; i++) {
                    cat.process().outputWriter().append("line " + i + "\n").flush();
                    assertThat(cat.process().inputReader().readLine()).isEqualTo("line " + i);
                }
                cat.process().getOutputStream().close();
                assertThat(cat.waitFor(LIMIT)).contains(new ExitStatus.Exited(0));
            }
        }
    }

    @Test
    void its_streams_can_be_redirected_and_merged() throws Exception {
        Path file = directory.resolve("out");
        Files.writeString(file, "first\n");
        try (Container container = sleeper().start()) {
            Result result = container.exec("sh", "-c", "cat; echo err >&2")
                    .redirectInput(Redirect.from(file.toFile()))
                    .redirectErrorStream(true)
                    .run(LIMIT);
            assertThat(result.stdout()).isEqualTo("first\nerr\n");
            container.exec("echo", "second").redirectOutput(Redirect.appendTo(file.toFile())).run(LIMIT);
            assertThat(file).hasContent("first\nsecond\n");
        }
    }

    @Test
    void the_capture_is_bounded() throws Exception {
        try (Container container = sleeper().start()) {
            Result result = container.exec("sh", "-c", "yes | head -c 1000000").captureLimit(MemorySize.bytes(1000)).run(LIMIT);
            assertThat(result.stdoutBytes()).hasSize(1000);
            assertThat(result.truncated()).isTrue();
        }
    }

    @Test
    void one_that_runs_too_long_is_killed_and_the_container_is_not() throws Exception {
        try (Container container = sleeper().start()) {
            assertThat(container.exec("sleep", "100").run(SHORT).status()).isEqualTo(new ExitStatus.TimedOut(SHORT));
            assertThat(container.isAlive()).isTrue();
            assertThat(sh(container, "cat /proc/[0-9]*/cmdline")).doesNotContain("100\0");
        }
    }

    @Test
    void it_can_be_signalled_and_waited_for() throws Exception {
        try (Container container = sleeper().start();
                Execution execution = container.exec("sh", "-c", "trap 'exit 9' USR1; echo ready; while :; do sleep 0.02; done").start()) {
            assertThat(execution.process().inputReader().readLine()).isEqualTo("ready");
            assertThat(execution.waitFor(SHORT)).isEmpty();
            assertThatIllegalStateException().isThrownBy(execution::exitStatus);
            assertThat(execution.kill(Signal.USR1)).isTrue();
            assertThat(execution.onExit().get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Exited(9));
            assertThat(execution.exitStatus()).isEqualTo(new ExitStatus.Exited(9));
            assertThat(execution.kill(Signal.KILL)).isFalse();
            assertThat(execution.process().exitValue()).isEqualTo(9);
        }
    }

    @Test
    void its_pid_is_that_of_the_command() throws Exception {
        try (Container container = sleeper().start()) {
            for (int i = 0; i < 20; i++) {
                try (Execution execution = container.exec("sleep", "3000").start()) {
                    Path words = Path.of("/proc/" + execution.pid() + "/cmdline"); // empty in the middle of exec
                    Await.that("it has its arguments", () -> Files.readString(words).equals("sleep\0" + "3000\0"));
                    assertThat(execution.process().toHandle().pid()).isEqualTo(execution.pid());
                }
            }
        }
    }

    @Test
    void closing_the_container_ends_it() throws Exception {
        Container container = sleeper().start();
        Execution execution = container.exec("sleep", "1000").start();
        container.close();
        assertThat(execution.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        assertThatIllegalStateException().isThrownBy(() -> container.exec("true").run()).withMessage("the container has ended");
        execution.close();
    }

    @Test
    void the_end_of_the_container_ends_it() throws Exception {
        try (Container container = sleeper().start();
                Execution execution = container.exec("sleep", "1000").start()) {
            container.kill(Signal.KILL);
            assertThat(execution.waitFor(LIMIT)).contains(new ExitStatus.Signalled(Signal.KILL, false));
            container.waitFor();
            assertThatIllegalStateException().isThrownBy(() -> container.exec("true").run()).withMessage("the container has ended");
        }
    }

    @Test
    void in_a_shared_pid_namespace_it_ends_with_the_container_too() throws Exception {
        if (!root()) {
            return; // only root may share the host's pid namespace
        }
        Container container = sleeper().namespace(NamespaceKind.PID, NamespaceMode.host()).start();
        Execution execution = container.exec("sleep", "1000").start();
        container.kill(Signal.KILL);
        container.waitFor();
        container.close();
        assertThat(execution.isAlive()).isFalse();
    }

    @Test
    void a_paused_container_says_so_at_once() throws Exception {
        if (!root()) {
            return; // needs a cgroup
        }
        try (Container container = sleeper().start()) {
            container.pause();
            assertThatIllegalStateException().isThrownBy(() -> container.exec("true").run()).withMessage("the container is paused");
            assertThatIllegalStateException().isThrownBy(() -> container.exec("true").start());
            container.resume();
            assertThat(sh(container, "echo on")).isEqualTo("on\n");
        }
    }

    @Test
    void many_at_once_do_not_disturb_each_other() throws Exception {
        try (Container container = sleeper().start()) {
            List<Thread> threads = new ArrayList<>();
            List<String> outputs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String word = "word" + i;
                Runnable work = () -> {
                    for (int j = 0; j < 10; j++) {
                        try {
                            String out = container.exec("echo", word).run(LIMIT).stdout();
                            synchronized (outputs) {
                                outputs.add(out);
                            }
                        } catch (IOException | InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                };
                threads.add(i % 2 == 0 ? Thread.startVirtualThread(work) : Thread.ofPlatform().start(work));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(outputs).hasSize(80);
            for (int i = 0; i < 8; i++) {
                assertThat(outputs.stream().filter(("word" + i + "\n")::equals)).hasSize(10);
            }
        }
    }

    @Test
    void hundreds_that_fail_leave_nothing() throws Exception {
        try (Container container = sleeper().start()) {
            int threads = Thread.getAllStackTraces().size();
            for (int i = 0; i < 200; i++) {
                assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> container.exec("/none").run(LIMIT));
            }
            assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 100);
            assertThat(sh(container, "set -- /proc/[0-9]*; echo $#")).isEqualTo("2\n"); // sleep, sh
        }
    }

    @Test
    void its_system_calls_come_to_the_containers_handlers() throws Exception {
        List<Long> seen = new ArrayList<>();
        ContainerBuilder builder = sleeper().onSyscall("kill", call -> {
            synchronized (seen) {
                seen.add((long) call.pid());
            }
            return call.give(0);
        });
        try (Container container = builder.start()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sh(container, "kill -0 12345 && echo done")).isEqualTo("done\n");
            }
            assertThat(seen).hasSize(3);
        }
    }

    @Test
    void a_container_with_an_init_can_be_entered_too() throws Exception {
        try (Container container = sleeper().init(true).start()) {
            assertThat(sh(container, "cat /proc/1/comm")).isEqualTo("dolium-init\n");
            try (Execution execution = container.exec("sh", "-c", "kill -9 $$").start()) {
                assertThat(execution.waitFor()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
            }
        }
    }

    @Test
    void a_program_can_be_run_several_times_and_changed_between() throws Exception {
        try (Container container = sleeper().start()) {
            ExecBuilder echo = container.exec("sh", "-c", "echo $X").env("X", "1");
            assertThat(echo.run(LIMIT).stdout()).isEqualTo("1\n");
            assertThat(echo.run(LIMIT).stdout()).isEqualTo("1\n");
            assertThat(echo.env("X", "2").run(LIMIT).stdout()).isEqualTo("2\n");
        }
    }

    @Test
    void explain_prints_the_plan() throws Exception {
        try (Container container = sleeper().start()) {
            assertThat(container.exec("id").explain())
                    .startsWith("clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND})\n")
                    .contains("setns(4, ", "clone(CLONE_PARENT|SIGCHLD", "execve(\"/bin/id\", [\"id\"]");
        }
    }

    /// Its output comes until after the time in which it had to begin.
    @Test
    void one_that_prints_for_longer_than_it_may_take_to_begin_has_begun() throws Exception {
        try (Container container = sleeper().start()) {
            Result result = container.exec("sh", "-c", "busybox timeout 3 busybox yes; sleep 0.2; echo end >&2")
                    .startTimeout(Duration.ofSeconds(2)).run(Slow.seconds(60));
            assertThat(result.stderr()).endsWith("end\n");
        }
    }
}
