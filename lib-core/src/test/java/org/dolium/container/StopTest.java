// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A container that is to stop is asked first, by the right signal, and then nothing of it is left.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class StopTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final ExitStatus KILLED = new ExitStatus.Signalled(Signal.KILL, false);

    @TempDir
    Path directory;

    private ContainerBuilder shell(String script) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sh", "-c", script);
    }

    /// One that has set its traps.
    private static Container ready(ContainerBuilder builder) throws Exception {
        Container container = builder.start();
        assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
        return container;
    }

    private Container trapping(String signal) throws Exception {
        return ready(shell("trap 'exit 7' " + signal + "; echo ready; while :; do sleep 0.02; done"));
    }

    @Test
    void the_command_ends_by_itself_when_it_is_asked() throws Exception {
        try (Container container = trapping("TERM")) {
            assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(7), false)).hasToString("exited with code 7");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 12, 15, 23, 28, 34, 50, 64})
    void every_signal_arrives_also_those_of_real_time(int number) throws Exception {
        try (Container container = trapping(Integer.toString(number))) {
            assertThat(container.waitFor(Duration.ofMillis(50))).isEmpty();
            assertThat(container.kill(new Signal(number))).isTrue();
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(7));
            assertThat(container.kill(new Signal(number))).isFalse();
        }
    }

    @Test
    void the_signal_is_the_one_that_the_container_was_made_with() throws Exception {
        ContainerBuilder builder = shell("trap '' TERM; trap 'exit 5' 40; echo ready; while :; do sleep 0.02; done")
                .stopSignal(Signal.parse("RTMIN+6"));
        try (Container container = ready(builder)) {
            assertThat(container.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(5));
        }
    }

    @Test
    void who_does_not_heed_it_is_killed_when_the_time_is_over_with_everything_that_it_started() throws Exception {
        try (Container container = ready(shell("trap '' TERM; busybox setsid sleep 1000 & echo ready; sleep 1000"))) {
            long begin = System.nanoTime();
            Stopped stopped = container.stop(SHORT);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(SHORT, LONG);
            assertThat(stopped).isEqualTo(new Stopped(KILLED, true)).hasToString("killed by SIGKILL, by force");
            assertThat(container.process().getInputStream().read()).isEqualTo(-1); // so nobody has the pipe
        }
    }

    @Test
    void without_a_time_it_is_killed_at_once_and_by_sigkill_as_well() throws Exception {
        try (Container container = ready(shell("trap '' TERM; echo ready; sleep 1000"))) {
            assertThat(container.stop(Duration.ZERO)).isEqualTo(new Stopped(KILLED, true));
        }
        try (Container container = ready(shell("echo ready; sleep 1000"))) {
            assertThat(container.stop(Signal.KILL, LONG)).isEqualTo(new Stopped(KILLED, true));
        }
    }

    @Test
    void one_that_has_ended_needs_no_force() throws Exception {
        Container container = shell("exit 3").start();
        try (container) {
            container.waitFor();
            assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(3), false));
            assertThat(container.stop(Signal.KILL, LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(3), false));
        }
        assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(3), false));
    }

    @Test
    void who_waits_for_it_can_be_interrupted() throws Exception {
        try (Container container = ready(shell("trap '' TERM; echo ready; sleep 1000"))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> container.stop(LONG)).isInstanceOf(InterruptedException.class);
            assertThat(container.isAlive()).isTrue();
        }
    }
}
