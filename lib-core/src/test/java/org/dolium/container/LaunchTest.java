// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LaunchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command);
    }

    @Test
    void a_command_runs_in_a_directory_and_its_output_is_collected() throws Exception {
        Result result = tiny("sh", "-c", "echo out; echo err >&2; hostname; exit 7").run(LIMIT);
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(7));
        assertThat(result.stdout()).isEqualTo("out\ndolium\n");
        assertThat(result.stderr()).isEqualTo("err\n");
    }

    @Test
    void the_host_is_the_default_root_and_read_only() throws Exception {
        Result result = ContainerBuilder.create()
                .command("sh", "-c", "id -u; touch /dolium-was-here; touch /tmp/mine && ls /tmp")
                .run(LIMIT);
        assertThat(result.stdout()).isEqualTo("0\nmine\n");
        assertThat(result.stderr()).contains("Read-only file system");
    }

    @Test
    void a_container_that_runs_too_long_is_killed() throws Exception {
        Result result = tiny("sleep", "100").run(Duration.ofMillis(300));
        assertThat(result.status()).isEqualTo(new ExitStatus.TimedOut(Duration.ofMillis(300)));
    }

    @Test
    void output_that_outlives_the_command_is_cut_and_said_to_be() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // only root may share the host's pid namespace
        }
        // it says itself that it is in a session of its own: in the command's it would end with it
        String script = "setsid sh -c ': > /tmp/away; exec sleep 2' & while [ ! -e /tmp/away ]; do sleep 0.01; done; echo hi";
        Result result = tiny("sh", "-c", script)
                .namespace(NamespaceKind.PID, NamespaceMode.host())
                .run(LIMIT);
        assertThat(result.stdout()).isEqualTo("hi\n");
        assertThat(result.truncated()).isTrue();
        Thread.sleep(2000); // it is nobody's, and ends by itself
    }

    @Test
    void a_running_container_is_a_process() throws Exception {
        try (Container container = tiny("cat").start()) {
            Process process = container.process();
            assertThat(process.isAlive()).isTrue();
            process.outputWriter().append("hello\n").close();
            assertThat(process.inputReader().readLine()).isEqualTo("hello");
            assertThat(process.waitFor()).isZero();
            assertThat(container.exitStatus().success()).isTrue();
        }
    }

    @Test
    void close_kills_what_still_runs() throws Exception {
        Container container = tiny("sleep", "100").start();
        container.close();
        assertThat(container.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }

    @Test
    void a_user_namespace_can_be_joined_and_owns_the_new_ones() throws Exception {
        UserNamespace own = ProcessStatus.self().effectiveUid() == 0
                ? UserNamespace.mapped(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:100000:65536"))
                : UserNamespace.single();
        try (Container first = tiny("sleep", "100").userNamespace(own).start()) {
            ContainerBuilder second = tiny("sh", "-c", "id -u; cat /proc/self/uid_map; ls /proc/1/exe; hostname; sleep 100")
                    .hostname("second")
                    .namespace(NamespaceKind.USER, NamespaceMode.ofProcess(first.process().toHandle()));
            try (Container joined = second.start()) {
                assertThat(joined.process().inputReader().readLine()).isEqualTo("0");
                for (NamespaceKind kind : NamespaceKind.values()) {
                    boolean same = JoinTest.namespace(joined.pid(), kind).equals(JoinTest.namespace(first.pid(), kind));
                    assertThat(same).as(kind.name()).isEqualTo(kind == NamespaceKind.USER || kind == NamespaceKind.TIME);
                }
            }
        }
    }
}
