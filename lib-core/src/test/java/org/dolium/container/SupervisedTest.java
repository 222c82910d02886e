// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.dolium.process.LaunchException;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A command is run again as often as was said, and not once more when it was stopped.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class SupervisedTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(600);

    @TempDir
    Path directory;

    private Path root;
    private Path runs;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        Path shared = Files.createDirectory(directory.resolve("shared"));
        runs = shared.resolve("runs");
    }

    /// Each run leaves a line.
    private ContainerBuilder shell(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).bind(runs.getParent(), "/mnt")
                .command("sh", "-c", "echo run >> /mnt/runs; " + script);
    }

    private long count() throws Exception {
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    private void awaitRuns(int number) throws Exception {
        Await.that(number + " runs", () -> count() >= number);
    }

    @Test
    void what_fails_is_run_again_as_often_as_was_said() throws Exception {
        long begin = System.nanoTime();
        try (Supervised supervised = shell("exit 3").supervise(RestartPolicy.onFailure(2))) {
            assertThat(supervised.waitFor()).isEqualTo(new ExitStatus.Exited(3));
            assertThat(supervised.restarts()).isEqualTo(2);
            assertThat(supervised.onExit().join()).isEqualTo(new ExitStatus.Exited(3));
        }
        assertThat(count()).isEqualTo(3);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(300)); // 100 and 200
    }

    @Test
    void what_succeeds_is_not_and_without_a_policy_nothing_is() throws Exception {
        try (Supervised supervised = shell("exit 0").supervise(RestartPolicy.onFailure())) {
            assertThat(supervised.waitFor(LONG)).contains(new ExitStatus.Exited(0));
        }
        try (Supervised supervised = shell("exit 3").supervise(RestartPolicy.no())) {
            assertThat(supervised.waitFor(LONG)).contains(new ExitStatus.Exited(3));
        }
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void one_that_recovers_ends_well() throws Exception {
        try (Supervised supervised = shell("test $(wc -l < /mnt/runs) -eq 3").supervise(RestartPolicy.onFailure(10))) {
            assertThat(supervised.waitFor()).isEqualTo(new ExitStatus.Exited(0));
            assertThat(supervised.restarts()).isEqualTo(2);
        }
    }

    @Test
    void what_is_always_run_again_ends_when_it_is_stopped() throws Exception {
        List<Container> seen = new CopyOnWriteArrayList<>();
        ContainerSpec spec = shell("trap 'exit 0' TERM; test $(wc -l < /mnt/runs) -le 2 || : > /mnt/trapped;"
                + " test $(wc -l < /mnt/runs) -le 2 || while :; do sleep 0.02; done").name("again").build();
        try (Supervised supervised = spec.supervise(RestartPolicy.always(), seen::add)) {
            awaitRuns(3);
            Await.that("its trap is set", () -> Files.exists(runs.resolveSibling("trapped")));
            assertThat(supervised.waitFor(SHORT)).isEmpty();
            assertThat(supervised.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(0), false));
            assertThat(supervised.waitFor(LONG)).contains(new ExitStatus.Exited(0));
            assertThat(seen).hasSize(3).endsWith(supervised.container());
            assertThat(seen.getFirst().isAlive()).isFalse();
        }
        assertThat(count()).isEqualTo(3);
    }

    @Test
    void it_can_be_stopped_and_closed_between_two_runs() throws Exception {
        Supervised supervised = shell("exit 1").supervise(RestartPolicy.always());
        try (supervised) {
            awaitRuns(4); // the next comes in 800 ms
            assertThat(supervised.stop(LONG).forced()).isFalse();
        }
        long runs = count();
        supervised.close();
        try (Supervised other = shell("exit 1").supervise(RestartPolicy.always())) {
            awaitRuns((int) runs + 3);
            assertThat(other.restarts()).isPositive();
        }
        long after = count();
        Thread.sleep(SHORT);
        assertThat(count()).isEqualTo(after);
    }

    @Test
    void closing_it_kills_it() throws Exception {
        Supervised supervised = shell("trap '' TERM; sleep 1000").supervise(RestartPolicy.always());
        supervised.close();
        assertThat(supervised.waitFor()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
    }

    @Test
    void a_first_start_that_fails_is_told_at_once_and_later_ones_at_the_end() throws Exception {
        ContainerBuilder missing = ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("/mnt/tool").bind(runs.getParent(), "/mnt");
        assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> missing.supervise(RestartPolicy.always()));
        Path tool = runs.resolveSibling("tool");
        Files.writeString(tool, "#!/bin/sh\nrm /mnt/tool\nexit 1\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        try (Supervised supervised = missing.supervise(RestartPolicy.onFailure(2))) {
            assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> supervised.waitFor(LONG));
            assertThat(supervised.restarts()).isEqualTo(2);
        }
    }

    @Test
    void each_container_tells_its_events() throws Exception {
        List<ContainerEvent> told = new CopyOnWriteArrayList<>();
        try (Supervised supervised = shell("exit 3").onEvent(told::add).supervise(RestartPolicy.onFailure(1))) {
            supervised.waitFor();
        }
        Await.that("both are closed", () -> told.stream().filter(ContainerEvent.Closed.class::isInstance).count() == 2);
        ContainerEvent exited = new ContainerEvent.Exited(new ExitStatus.Exited(3));
        List<ContainerEvent> each = List.of(new ContainerEvent.Created(), new ContainerEvent.Started(), exited, new ContainerEvent.Closed());
        assertThat(told).filteredOn(event -> !(event instanceof ContainerEvent.Resources)).hasSize(8)
                .allSatisfy(event -> assertThat(each).contains(event));
    }
}
