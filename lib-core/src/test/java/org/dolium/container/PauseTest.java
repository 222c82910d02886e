// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A paused container does nothing, goes on when it may, and ends in no more than the time that another one takes.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class PauseTest {
    private static final String TALKER = "while :; do echo x; sleep 0.01; done";
    private static final Duration WHILE = Duration.ofMillis(300);

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private Container shell(String script) throws Exception {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .command("sh", "-c", script)
                .start();
    }

    private static void assertTalks(Container container) throws Exception {
        InputStream out = container.process().getInputStream();
        out.skipNBytes(out.available());
        assertThat(out.read()).isNotNegative(); // waits
    }

    private static void assertSilent(Container container) throws Exception {
        InputStream out = container.process().getInputStream();
        out.skipNBytes(out.available());
        Thread.sleep(WHILE);
        assertThat(out.available()).isZero();
        assertThat(container.isAlive()).isTrue();
    }

    @Test
    void nothing_is_written_until_it_goes_on() throws Exception {
        try (Container container = shell(TALKER)) {
            assertTalks(container);
            container.pause();
            assertSilent(container);
            container.resume();
            assertTalks(container);
        }
    }

    @Test
    void pausing_twice_is_pausing_and_going_on_twice_is_going_on() throws Exception {
        try (Container container = shell(TALKER)) {
            container.resume(); // was not paused
            assertTalks(container);
            container.pause();
            container.pause();
            assertSilent(container);
            container.resume();
            assertTalks(container);
            container.resume();
            assertTalks(container);
        }
    }

    @Test
    void what_has_ended_can_not_be_paused_and_going_on_does_nothing() throws Exception {
        Container container = shell("exit 0");
        try (container) {
            container.waitFor();
            assertThatIllegalStateException().isThrownBy(container::pause).withMessage("the container has ended");
            container.resume();
        }
        assertThatIllegalStateException().isThrownBy(container::pause);
        assertThatIllegalStateException().isThrownBy(container::resume).withMessage("the container is closed");
    }

    @Test
    void close_does_not_wait_for_it_to_go_on() throws Exception {
        Container container = shell(TALKER + " & " + TALKER);
        container.pause();
        long begin = System.nanoTime();
        container.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        assertThat(container.exitStatus()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }

    @Test
    void a_kill_does_not_wait_either_but_other_signals_do() throws Exception {
        try (Container container = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready"); // the trap is set
            container.pause();
            assertThat(container.kill(Signal.TERM)).isTrue();
            assertSilent(container);
            container.resume();
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(7));
        }
        try (Container container = shell("sleep 100")) {
            container.pause();
            assertThat(container.stop(WHILE)).isEqualTo(new Stopped(new ExitStatus.Signalled(Signal.KILL, false), true));
        }
    }

    /// Processes that get hardly any processor time don't stop within a nanosecond.
    @Test
    void who_does_not_stop_in_time_goes_on_and_that_is_an_error() throws Exception {
        String spinners = "for i in 1 2 3 4 5 6; do while :; do :; done & done; " + TALKER;
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .command("sh", "-c", spinners)
                .cpus(0.05);
        try (Container container = builder.start()) {
            assertTalks(container);
            Throwable failure = null;
            for (int i = 0; failure == null && i < 100; i++) { // once in a while they may all have stopped by then
                container.resume();
                failure = catchThrowable(() -> container.pause(Duration.ofNanos(1)));
            }
            assertThat(failure).isInstanceOf(IOException.class)
                    .hasMessageContaining("could not be frozen within PT0.000000001S");
            assertTalks(container);
        }
    }
}
