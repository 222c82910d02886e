// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A container in the host's pid namespace stops as a whole too, although no namespace's end ends it.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class SharedPidsStopTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    /// A process that says itself that it is in a session of its own: in the command's it would end with it.
    private static final String LEFT = "busybox setsid sh -c 'echo ready; exec sleep 1000' &";

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private ContainerBuilder shell(String script) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sh", "-c", script);
    }

    private static Container ready(ContainerBuilder builder) throws Exception {
        Container container = builder.start();
        assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
        return container;
    }

    @Test
    void what_outlives_the_command_in_the_hosts_pid_namespace_is_killed_too() throws Exception {
        ContainerBuilder builder = shell("trap 'exit 7' TERM; " + LEFT + " while :; do sleep 0.02; done")
                .namespace(NamespaceKind.PID, NamespaceMode.host());
        try (Container container = ready(builder)) {
            assertThat(container.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(7));
            assertThat(container.process().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void control_a_kill_of_the_command_alone_leaves_it() throws Exception {
        ContainerBuilder builder = shell(LEFT + " while :; do sleep 0.02; done")
                .namespace(NamespaceKind.PID, NamespaceMode.host());
        try (Container container = ready(builder)) {
            container.kill(Signal.KILL);
            container.waitFor();
            assertThat(container.process().getInputStream().available()).isZero(); // it would be the end otherwise
            Thread reader = Thread.ofVirtual().start(() -> assertThatThrownBy(() -> container.process().getInputStream().read()));
            assertThat(reader.join(SHORT)).isFalse();
        }
    }
}
