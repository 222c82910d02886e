// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Errno;
import org.dolium.process.LaunchException;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.QuickJvm;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A container that is prepared is complete but for its command, and leaves nothing if that never runs.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class PrepareTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    Path directory;

    private ContainerBuilder shell(String script) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sh", "-c", script);
    }

    private static Path root(Container container) {
        return Path.of("/proc", Long.toString(container.pid()), "root");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_command_runs_when_it_is_told_to_and_not_before(boolean init) throws Exception {
        try (Container container = shell("echo ran; exit 3").init(init).prepare()) {
            assertThat(container.isStarted()).isFalse();
            assertThat(container).hasToString("container " + container.pid() + " (prepared)");
            assertThat(container.waitFor(SHORT)).isEmpty();
            assertThat(container.process().getInputStream().available()).isZero();
            container.start();
            assertThat(container.isStarted()).isTrue();
            assertThat(container.process().inputReader().readLine()).isEqualTo("ran");
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(3));
        }
    }

    @Test
    void namespaces_mounts_and_ids_are_there_to_be_looked_at() throws Exception {
        try (Container container = shell("exit 0").prepare()) {
            ProcessStatus status = ProcessStatus.of(Long.toString(container.pid()));
            assertThat(status.field("NSpid")).endsWith("\t1");
            assertThat(status.field("NoNewPrivs")).isEqualTo("1");
            assertThat(Long.bitCount(status.mask("CapBnd"))).isEqualTo(11);
            assertThat(Files.readString(Path.of("/proc/" + container.pid() + "/mountinfo"))).contains(" /proc ", " /dev ");
            assertThat(Files.exists(root(container).resolve("bin/busybox"))).isTrue();
        }
    }

    @Test
    void what_is_brought_before_the_start_is_there_for_the_command() throws Exception {
        ContainerBuilder builder = shell("").command("./tool", "x").workingDirectory("/data/new").mount(Tmpfs.of("/data").executable());
        try (Container container = builder.prepare()) {
            Path data = Files.createDirectory(root(container).resolve("data/new"));
            Files.writeString(data.resolve("tool"), "#!/bin/sh\necho $1 in $(pwd)\n");
            Files.setPosixFilePermissions(data.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));
            container.start();
            assertThat(container.process().inputReader().readLine()).isEqualTo("x in /data/new");
        }
    }

    @Test
    void control_without_that_it_can_not_start() throws Exception {
        ContainerBuilder builder = shell("").command("./tool", "x").workingDirectory("/data/new").mount(Tmpfs.of("/data").executable());
        Container container = builder.prepare();
        try (container) {
            assertThatExceptionOfType(LaunchException.class).isThrownBy(container::start)
                    .withMessageContaining("chdir(\"/data/new\") = -1 ENOENT");
            assertThat(container.isAlive()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void that_the_command_can_not_be_run_is_told_at_the_start(boolean init) throws Exception {
        try (Container container = shell("").command("/no/such").init(init).prepare()) {
            assertThatExceptionOfType(LaunchException.class).isThrownBy(container::start)
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
            assertThatIllegalStateException().isThrownBy(container::start).withMessage("the container was started before");
        }
    }

    @Test
    void closing_it_leaves_nothing() throws Exception {
        Container container = shell("exit 0").prepare();
        container.close();
        assertThat(container.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        assertThatIllegalStateException().isThrownBy(container::start).withMessage("the container has ended");
        assertThat(Files.exists(Path.of("/proc/" + container.pid()))).isFalse();
    }

    @Test
    void it_starts_once() throws Exception {
        try (Container container = shell("sleep 100").prepare()) {
            container.start(LONG);
            assertThatIllegalStateException().isThrownBy(container::start).withMessage("the container was started before");
        }
        try (Container container = shell("sleep 100").start()) {
            assertThatIllegalStateException().isThrownBy(container::start).withMessage("the container was started before");
        }
    }

    @Test
    void signals_are_for_commands_that_run_but_it_can_be_stopped() throws Exception {
        try (Container container = shell("exit 0").prepare()) {
            assertThatIllegalStateException().isThrownBy(() -> container.kill(Signal.TERM)).withMessage("the container was not started yet");
            assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Signalled(Signal.KILL, false), true));
        }
    }

    @Test
    void a_step_that_fails_is_told_at_once() throws Exception {
        ContainerBuilder builder = shell("exit 0").tmpfs("/etc/passwd/x");
        assertThatExceptionOfType(IOException.class).isThrownBy(builder::prepare);
    }

    @Test
    void output_goes_where_it_was_said_to() throws Exception {
        Path file = directory.resolve("output");
        try (Container container = shell("echo x").redirectOutput(Redirect.to(file.toFile())).prepare()) {
            container.start();
            container.waitFor();
        }
        assertThat(file).hasContent("x\n");
    }

    @Test
    void a_killed_jvm_leaves_none() throws Exception {
        List<String> command = new ArrayList<>(QuickJvm.command());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PreparedMain.class.getName(),
                TinyRoot.make(directory).toString()));
        Process jvm = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        try {
            String pid = jvm.inputReader().readLine();
            assertThat(Files.exists(Path.of("/proc", pid))).isTrue();
            jvm.destroyForcibly().waitFor();
            Await.that("the container ends too", () -> !Files.exists(Path.of("/proc", pid)));
        } finally {
            jvm.destroyForcibly();
        }
    }
}
