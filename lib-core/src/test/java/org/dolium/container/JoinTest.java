// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.ErrnoException;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class JoinTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command);
    }

    static String namespace(long pid, NamespaceKind kind) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind.procName())).toString();
    }

    @Test
    void every_kind_of_namespace_but_user_can_be_joined_by_path() throws Exception {
        MustRun.root();
        try (Container first = tiny("sleep", "100").start()) {
            for (NamespaceKind kind : new NamespaceKind[] {
                NamespaceKind.NET, NamespaceKind.UTS, NamespaceKind.IPC, NamespaceKind.CGROUP, NamespaceKind.PID
            }) {
                ContainerBuilder second = tiny("sleep", "100").namespace(kind, NamespaceMode.Join.ofPid(first.pid(), kind));
                try (Container joined = second.start()) {
                    assertThat(namespace(joined.pid(), kind)).isEqualTo(namespace(first.pid(), kind));
                    assertThat(namespace(joined.pid(), NamespaceKind.MOUNT))
                            .isNotEqualTo(namespace(first.pid(), NamespaceKind.MOUNT));
                }
            }
        }
    }

    /// The filter is installed by a second process then, for the first can't enter the namespace itself.
    @Test
    void calls_of_a_container_in_a_joined_pid_namespace_come_to_their_handler() throws Exception {
        MustRun.root();
        try (Container first = tiny("sleep", "100").start()) {
            ContainerBuilder second = tiny("sh", "-c", "kill -0 $$ && echo fine")
                    .namespace(NamespaceKind.PID, NamespaceMode.Join.ofPid(first.pid(), NamespaceKind.PID));
            List<String> seen = new ArrayList<>();
            assertThat(second.onSyscall("kill", call -> {
                seen.add(namespace(call.pid(), NamespaceKind.PID));
                return call.give(0);
            }).run(LIMIT).stdout()).isEqualTo("fine\n");
            assertThat(seen).containsExactly(namespace(first.pid(), NamespaceKind.PID));
        }
    }

    @Test
    void namespaces_of_a_process_are_joined_by_its_pidfd() throws Exception {
        MustRun.root();
        try (Container first = tiny("sleep", "100").start()) {
            NamespaceMode join = NamespaceMode.ofProcess(first.process().toHandle());
            ContainerBuilder second = tiny("sleep", "100")
                    .namespace(NamespaceKind.NET, join)
                    .namespace(NamespaceKind.PID, join)
                    .namespace(NamespaceKind.IPC, join);
            try (Container joined = second.start()) {
                for (NamespaceKind kind : new NamespaceKind[] {NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC}) {
                    assertThat(namespace(joined.pid(), kind)).isEqualTo(namespace(first.pid(), kind));
                }
            }
        }
    }

    @Test
    void a_process_that_got_the_pid_of_another_is_not_joined() throws Exception {
        try (Container first = tiny("sleep", "100").start();
                Container second = tiny("sleep", "100").start()) {
            ProcessHandle gone = new Impostor(first.process().toHandle(), second.pid());
            assertThatThrownBy(() -> tiny("true").namespace(NamespaceKind.NET, NamespaceMode.ofProcess(gone)).run(LIMIT))
                    .isInstanceOf(java.io.IOException.class)
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void a_process_that_is_gone_can_not_be_joined() throws Exception {
        Container first = tiny("sleep", "100").start();
        first.close();
        assertThatThrownBy(() -> tiny("true")
                        .namespace(NamespaceKind.NET, NamespaceMode.ofProcess(first.process().toHandle()))
                        .run(LIMIT))
                .isInstanceOf(ErrnoException.class)
                .hasMessage("pidfd_open(" + first.pid() + ", 0) = -1 ESRCH");
    }

    @Test
    void a_process_in_a_joined_pid_namespace_ends_like_any_other() throws Exception {
        MustRun.root();
        try (Container first = tiny("sleep", "100").start()) {
            NamespaceMode join = NamespaceMode.Join.ofPid(first.pid(), NamespaceKind.PID);
            Result result = tiny("sh", "-c", "ps | grep -c 'sleep 100'; exit 5")
                    .namespace(NamespaceKind.PID, join)
                    .run(LIMIT);
            assertThat(result.stderr()).isEmpty();
            assertThat(result.status()).isEqualTo(new ExitStatus.Exited(5));
            Container second = tiny("sleep", "200").namespace(NamespaceKind.PID, join).start();
            second.close();
            assertThat(second.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        }
    }

    @Test
    void namespaces_can_be_inherited_from_the_host() throws Exception {
        MustRun.root();
        long own = ProcessHandle.current().pid();
        for (NamespaceKind kind : new NamespaceKind[] {
            NamespaceKind.NET, NamespaceKind.UTS, NamespaceKind.IPC, NamespaceKind.CGROUP, NamespaceKind.PID
        }) {
            try (Container container = tiny("sleep", "100").namespace(kind, NamespaceMode.host()).start()) {
                assertThat(namespace(container.pid(), kind)).isEqualTo(namespace(own, kind));
            }
        }
    }

    @Test
    void the_mount_namespace_can_be_the_hosts() throws Exception {
        MustRun.root();
        Result result = ContainerBuilder.create()
                .namespace(NamespaceKind.MOUNT, NamespaceMode.host())
                .command("readlink", "/proc/self/ns/mnt")
                .namespace(NamespaceKind.PID, NamespaceMode.host())
                .run(LIMIT);
        assertThat(result.stdout().trim()).isEqualTo(namespace(ProcessHandle.current().pid(), NamespaceKind.MOUNT));
    }

    @Test
    void clocks_can_have_an_offset() throws Exception {
        MustRun.root();
        Result result = tiny("cat", "/proc/uptime")
                .timeOffsets(Duration.ofDays(1), Duration.ofDays(1000))
                .run(LIMIT);
        assertThat(Double.parseDouble(result.stdout().split(" ")[0])).isGreaterThan(Duration.ofDays(1000).toSeconds());
    }

    /// A handle whose process has ended, and whose pid is another's now.
    private record Impostor(ProcessHandle handle, long pid) implements ProcessHandle {
        @Override
        public boolean isAlive() {
            return false;
        }

        @Override
        public java.util.Optional<ProcessHandle> parent() {
            return handle.parent();
        }

        @Override
        public java.util.stream.Stream<ProcessHandle> children() {
            return handle.children();
        }

        @Override
        public java.util.stream.Stream<ProcessHandle> descendants() {
            return handle.descendants();
        }

        @Override
        public Info info() {
            return handle.info();
        }

        @Override
        public java.util.concurrent.CompletableFuture<ProcessHandle> onExit() {
            return handle.onExit();
        }

        @Override
        public boolean supportsNormalTermination() {
            return true;
        }

        @Override
        public boolean destroy() {
            return false;
        }

        @Override
        public boolean destroyForcibly() {
            return false;
        }

        @Override
        public int compareTo(ProcessHandle other) {
            return Long.compare(pid, other.pid());
        }
    }
}
