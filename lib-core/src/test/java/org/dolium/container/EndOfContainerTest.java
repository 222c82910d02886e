// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What may be done at the end of a container, and how long it may be waited for.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class EndOfContainerTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();
    private static final List<Function<Container, CompletableFuture<?>>> WAYS = List.of(
            Container::onExit,
            container -> container.process().onExit(),
            container -> container.process().toHandle().onExit());

    @TempDir
    Path directory;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command);
    }

    @Test
    void another_container_can_be_started_and_waited_for_when_one_ends() throws Exception {
        for (Function<Container, CompletableFuture<?>> way : WAYS) {
            try (Container first = tiny("sleep", "0.1").start()) {
                CompletableFuture<Object> second = way.apply(first).handle((end, failure) -> startAnother());
                assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Exited(5));
            }
        }
    }

    private Object startAnother() {
        try (Container container = tiny("sh", "-c", "exit 5").start()) {
            return container.waitFor();
        } catch (Exception e) {
            return e;
        }
    }

    @Test
    void a_time_longer_than_292_years_is_no_limit() throws Exception {
        ContainerSpec spec = tiny("sleep", "0.1").startTimeout(FOREVER).build();
        assertThat(spec.run(FOREVER).status()).isEqualTo(new ExitStatus.Exited(0));
        try (Container container = spec.start()) {
            assertThat(container.stop(new Signal(28), FOREVER)).isEqualTo(new Stopped(new ExitStatus.Exited(0), false));
        }
    }
}
