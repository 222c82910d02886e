// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.CgroupEvent.Emptied;
import org.dolium.cgroup.CgroupEvent.Frozen;
import org.dolium.cgroup.CgroupEvent.Kind;
import org.dolium.cgroup.CgroupEvent.LimitHit;
import org.dolium.cgroup.CgroupEvent.OomKill;
import org.dolium.cgroup.CgroupEvent.OutOfMemory;
import org.dolium.cgroup.CgroupEvent.Thawed;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Each event is told when it happens and only then, and none is lost.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class EventsTest {
    private static final String EATER = "x=aaaaaaaa; while [ ${#x} -lt 50000000 ]; do x=$x$x; done; echo done";
    /// The shell ends when it can't fork, so others do that for it.
    private static final String FORKS = "read line; i=0; while [ $i -lt 40 ]; do"
            + " (sleep 0.02 & sleep 0.02 & sleep 0.02) 2>/dev/null; i=$((i+1)); done; echo done; read line";

    private final LinkedBlockingQueue<CgroupEvent> told = new LinkedBlockingQueue<>();

    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private ContainerBuilder shell(String script) throws Exception {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .command("sh", "-c", script);
    }

    /// What the cgroup told; the rest is for [LifecycleEventsTest].
    private void tell(ContainerEvent event) {
        switch (event) {
            case ContainerEvent.Resources resources -> told.add(resources.event());
            case ContainerEvent.Paused paused -> told.add(new Frozen());
            case ContainerEvent.Resumed resumed -> told.add(new Thawed());
            default -> {}
        }
    }

    private CgroupEvent next() throws InterruptedException {
        CgroupEvent next = told.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("an event").isNotNull();
        return next;
    }

    /// Everything until nobody is there any more.
    private List<CgroupEvent> all() throws InterruptedException {
        List<CgroupEvent> all = new ArrayList<>(List.of(next()));
        while (!(all.getLast() instanceof Emptied)) {
            all.add(next());
        }
        return all;
    }

    @Test
    void memory_that_ran_out_is_told_and_who_was_killed() throws Exception {
        try (Container container = shell("read line; " + EATER).memory(MemorySize.mebibytes(24)).start()) {
            container.onEvent(this::tell);
            container.process().outputWriter().append("\n").flush();
            List<CgroupEvent> all = all();
            assertThat(sum(all, OutOfMemory.class)).isPositive();
            assertThat(sum(all, OomKill.class)).isEqualTo(1);
            assertThat(all).anyMatch(event -> event instanceof LimitHit hit && hit.kind() == Kind.MEMORY_MAX);
            assertThat(container.waitFor()).isInstanceOf(ExitStatus.OutOfMemory.class);
        }
        assertThat(told.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void control_without_the_limit_there_is_only_the_end() throws Exception {
        try (Container container = shell(EATER).start()) {
            container.onEvent(this::tell);
            assertThat(all()).containsExactly(new Emptied());
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(0));
        }
    }

    @Test
    void what_happened_before_somebody_listened_is_told_too() throws Exception {
        try (Container container = shell(EATER).memory(MemorySize.mebibytes(24)).start()) {
            container.waitFor();
            container.onEvent(this::tell);
            List<CgroupEvent> all = all();
            assertThat(sum(all, OutOfMemory.class)).isPositive();
            assertThat(sum(all, OomKill.class)).isEqualTo(1);
        }
    }

    /// How often something happened, however many events tell it.
    private static long sum(List<CgroupEvent> events, Class<? extends CgroupEvent> type) {
        return events.stream().filter(type::isInstance).mapToLong(EventsTest::times).sum();
    }

    private static long times(CgroupEvent event) {
        return switch (event) {
            case OutOfMemory oom -> oom.times();
            case OomKill kill -> kill.processes();
            case LimitHit hit -> hit.times();
            case Emptied emptied -> 1;
            case Frozen frozen -> 1;
            case Thawed thawed -> 1;
        };
    }

    @Test
    void refused_processes_are_told_while_it_lives_and_every_one_is_counted() throws Exception {
        try (Container container = shell(FORKS).pids(3).start()) {
            container.onEvent(this::tell);
            container.process().outputWriter().append("\n").flush();
            CgroupEvent first = next();
            assertThat(first).isInstanceOf(LimitHit.class);
            assertThat(container.isAlive()).isTrue();
            assertThat(container.process().inputReader().readLine()).isEqualTo("done");
            long hits = container.stats().pids().limitHits().orElseThrow();
            container.process().outputWriter().append("\n").flush();
            List<CgroupEvent> all = new ArrayList<>(List.of(first));
            all.addAll(all());
            assertThat(sum(all, LimitHit.class)).isEqualTo(hits).isGreaterThanOrEqualTo(40);
            assertThat(all).filteredOn(LimitHit.class::isInstance).allMatch(e -> ((LimitHit) e).kind() == Kind.PIDS);
        }
    }

    @Test
    void control_who_stays_below_the_limit_meets_nothing() throws Exception {
        try (Container container = shell(FORKS).pids(60).start()) {
            container.onEvent(this::tell);
            container.process().outputWriter().append("\n").flush();
            assertThat(container.process().inputReader().readLine()).isEqualTo("done");
            container.process().outputWriter().append("\n").flush();
            assertThat(all()).containsExactly(new Emptied());
        }
    }

    @Test
    void pauses_are_told() throws Exception {
        try (Container container = shell("sleep 100").start()) {
            container.onEvent(this::tell);
            for (int i = 0; i < 5; i++) {
                container.pause();
                assertThat(next()).isEqualTo(new Frozen());
                container.resume();
                assertThat(next()).isEqualTo(new Thawed());
            }
            assertThat(told).isEmpty();
        }
        assertThat(all()).endsWith(new Emptied());
    }

    @Test
    void nobody_is_told_when_the_subscription_is_closed_and_a_new_one_can_begin() throws Exception {
        try (Container container = shell("sleep 100").start()) {
            Subscription subscription = container.onEvent(this::tell);
            subscription.close();
            subscription.close();
            container.pause();
            assertThat(told.poll(400, TimeUnit.MILLISECONDS)).isNull();
            container.onEvent(this::tell);
            assertThat(next()).isEqualTo(new Frozen());
            container.resume();
            assertThat(next()).isEqualTo(new Thawed());
        }
    }

    @Test
    void a_handler_that_blocks_or_throws_disturbs_nobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (Container container = shell("exit 0").start();
                Container other = shell("read line").start()) {
            container.onEvent(event -> {
                assertThat(Thread.currentThread().isVirtual()).isTrue();
                await(release);
                throw new IllegalStateException("thrown on purpose by a test");
            });
            other.onEvent(this::tell);
            container.waitFor();
            other.pause();
            assertThat(next()).isEqualTo(new Frozen());
            container.onEvent(this::tell);
            assertThat(next()).isEqualTo(new Emptied());
        } finally {
            release.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void the_end_comes_also_by_close_and_nothing_after_it() throws Exception {
        Container container = shell("sleep 100 & sleep 100").start();
        try (container) {
            container.onEvent(this::tell);
        }
        assertThat(all()).containsExactly(new Emptied());
        assertThat(told.poll(100, TimeUnit.MILLISECONDS)).isNull();
        assertThatIllegalStateException().isThrownBy(() -> container.onEvent(this::tell)).withMessage("the container is closed");
    }

    @Test
    void ends_of_many_are_told_at_once() throws Exception {
        List<Container> containers = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                Container container = shell("read line").start();
                containers.add(container);
                container.onEvent(this::tell);
            }
            for (Container container : containers) {
                container.kill(Signal.KILL);
            }
            for (int i = 0; i < 30; i++) {
                assertThat(next()).isEqualTo(new Emptied());
            }
        } finally {
            containers.forEach(Container::close);
        }
        assertThat(told.poll(Duration.ofMillis(100).toMillis(), TimeUnit.MILLISECONDS)).isNull();
    }
}
