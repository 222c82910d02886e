// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.testing.MustRun;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.Test;

/// JVMs of users that root of the test machine starts: outside of the users' own managers, where a process can't be born
/// into a cgroup of theirs and the manager has to move it.
class SessionCases {
    private static String jvmOf(int uid, Class<?> program, boolean killed) throws Exception {
        MustRun.root();
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("setpriv"), "--reuid", "" + uid, "--regid", "" + uid, "--clear-groups", "--inh-caps=-all",
                "env", "-u", "XDG_RUNTIME_DIR", "-u", "DBUS_SESSION_BUS_ADDRESS"));
        command.addAll(QuickJvm.command());
        command.addAll(List.of(
                "-Djava.io.tmpdir=/tmp", "-cp", System.getProperty("java.class.path"), program.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            if (killed) {
                String line = process.inputReader(StandardCharsets.UTF_8).readLine();
                process.destroyForcibly();
                return line;
            }
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_user_outside_of_its_managers_tree_has_containers_moved_by_it() throws Exception {
        assertThat(jvmOf(1000, Limited.class, false)).isEqualTo("direct false\n77\n67108864\nexec 0::/\n0::/\npeak true\ncpu true\n");
    }

    @Test
    void a_user_without_a_manager_is_told_what_to_do() throws Exception {
        assertThat(jvmOf(1001, Limited.class, false)).contains("no systemd user manager for uid 1001").contains("enable-linger");
    }

    @Test
    void a_detached_container_of_such_a_user_has_limits_too_and_is_found_again() throws Exception {
        assertThat(jvmOf(1000, Lasting.class, false)).isEqualTo("""
                77
                67108864
                dolium-d-ID_RANDOM.scope/holder
                60
                0::/
                killed by SIGKILL, by force
                """);
    }

    /// The process that kept the scope dies with the JVM, and systemd removes what is empty.
    @Test
    void nothing_is_left_of_a_jvm_that_was_killed() throws Exception {
        Path group = Path.of("/sys/fs/cgroup" + jvmOf(1000, Endless.class, true));
        assertThat(group.toString()).contains("/user@1000.service/").contains(".scope/");
        Path scope = group.getParent().getParent();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Files.exists(scope) && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        assertThat(scope).doesNotExist();
    }

    /// Prints what a container finds.
    public static final class Limited {
        private Limited() {}

        public static void main(String[] arguments) throws Exception {
            ContainerBuilder limited = ContainerBuilder.create().pids(77).memory(MemorySize.mebibytes(64));
            try (Container container = limited.command("sleep", "1000").start()) {
                System.out.println("direct " + ScopeCases.choice().direct());
                System.out.print(Files.readString(ScopeCases.directory(container).resolve("pids.max")));
                System.out.print(Files.readString(ScopeCases.directory(container).resolve("memory.max")));
                System.out.print("exec " + container.exec("cat", "/proc/self/cgroup").run(Duration.ofSeconds(60)).stdout());
            }
            Result result = limited.command("cat", "/proc/self/cgroup").run(Duration.ofSeconds(60));
            System.out.print(result.stdout());
            System.out.println("peak " + result.peakMemory().isPresent());
            System.out.println("cpu " + (result.cpuTime().toNanos() > 0));
        }
    }

    /// Prints what others find of a detached container.
    public static final class Lasting {
        private Lasting() {}

        public static void main(String[] arguments) throws Exception {
            Path state = Files.createTempDirectory("dolium-state-");
            DetachedContainer made = Containers.at(state)
                    .start(ContainerBuilder.create().command("sleep", "1000").pids(77).memory(MemorySize.mebibytes(64)));
            Path group = DetachedScopeCases.group(made.pid().orElseThrow());
            System.out.print(Files.readString(group.resolve("pids.max")));
            System.out.print(Files.readString(group.resolve("memory.max")));
            Path monitor = DetachedScopeCases.group(made.monitorPid().orElseThrow());
            System.out.println(monitor.getParent().getParent().relativize(monitor).toString()
                    .replace(made.id(), "ID").replaceAll("_[0-9a-f]+", "_RANDOM"));
            DetachedContainer found = Containers.at(state).find(made.id()).orElseThrow();
            found.update(Limits.none().with(Limit.pids(60)));
            System.out.print(Files.readString(group.resolve("pids.max")));
            System.out.print(found.exec("cat", "/proc/self/cgroup").run(Duration.ofSeconds(60)).stdout());
            System.out.println(found.stop(Signal.KILL, Duration.ofSeconds(60)));
            found.remove(false);
        }
    }

    /// Prints the cgroup of a container that does not end.
    public static final class Endless {
        private Endless() {}

        public static void main(String[] arguments) throws Exception {
            try (Container container = ContainerBuilder.create().command("sleep", "1000").start()) {
                System.out.println(Files.readString(Path.of("/proc/" + container.pid() + "/cgroup")).trim().substring(3));
                Thread.sleep(1_000_000);
            }
        }
    }
}
