// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.cgroup.Stats;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Figures from time to time, with one timer for all containers.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class StatsStreamTest {
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final int MANY = 20;

    private final LinkedBlockingQueue<Stats> told = new LinkedBlockingQueue<>();

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

    /// What was on its way, no more than so many, until nothing comes any more.
    private List<Stats> rest(int most) throws InterruptedException {
        List<Stats> rest = new ArrayList<>();
        for (Stats more = told.poll(500, TimeUnit.MILLISECONDS); more != null; more = told.poll(500, TimeUnit.MILLISECONDS)) {
            rest.add(more);
            assertThat(rest).hasSizeLessThanOrEqualTo(most);
        }
        return rest;
    }

    private Stats next() throws InterruptedException {
        Stats next = told.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void they_come_at_once_and_every_interval_and_a_last_time_at_the_end() throws Exception {
        try (Container container = shell("read line; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")) {
            container.stats(INTERVAL, told::add);
            List<Stats> seen = new ArrayList<>(List.of(next(), next(), next()));
            for (int i = 1; i < seen.size(); i++) {
                Duration between = Duration.between(seen.get(i - 1).at(), seen.get(i).at());
                assertThat(between).isBetween(Duration.ofMillis(1), Duration.ofSeconds(5));
            }
            container.process().outputWriter().append("\n").flush();
            container.waitFor();
            while (seen.getLast().pids().current().orElseThrow() > 0) {
                seen.add(next());
            }
            seen.addAll(rest(3));
            Stats last = seen.getLast();
            assertThat(last.pids().current()).hasValue(0);
            assertThat(last.cpu()).isEqualTo(container.stats().cpu());
        }
    }

    @Test
    void closing_the_container_is_its_end_too() throws Exception {
        try (Container container = shell("sleep 100")) {
            container.stats(Duration.ofHours(1), told::add);
            assertThat(next().pids().current().orElseThrow()).isPositive();
        }
        assertThat(next().pids().current()).hasValue(0);
        assertThat(told.poll(200, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void a_container_that_has_ended_gives_the_last_figures_once() throws Exception {
        try (Container container = shell("exit 0")) {
            container.waitFor();
            container.stats(INTERVAL, told::add);
            assertThat(next().pids().current()).hasValue(0);
            assertThat(told.poll(200, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void nothing_comes_when_the_subscription_is_closed() throws Exception {
        try (Container container = shell("sleep 100")) {
            Subscription subscription = container.stats(INTERVAL, told::add);
            next();
            subscription.close();
            subscription.close();
            rest(told.size() + 2);
        }
        assertThat(told.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void a_slow_consumer_misses_some_and_is_never_called_twice_at_once() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        List<Integer> most = new CopyOnWriteArrayList<>();
        long start = System.nanoTime();
        try (Container container = shell("sleep 100")) {
            container.stats(Duration.ofMillis(5), stats -> {
                most.add(inside.incrementAndGet());
                sleep(100);
                inside.decrementAndGet();
            });
            Thread.sleep(600);
            Await.that("it is called again", () -> most.size() >= 2);
        }
        Thread.sleep(300);
        long fits = (System.nanoTime() - start) / 100_000_000; // at 100 ms each; without a consumer that waits it is twenty times more
        assertThat(most).hasSizeBetween(2, (int) fits + 1).containsOnly(1);
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_consumer_that_throws_is_called_again() throws Exception {
        CountDownLatch calls = new CountDownLatch(3);
        try (Container container = shell("sleep 100")) {
            container.stats(INTERVAL, stats -> {
                calls.countDown();
                throw new IllegalStateException("thrown on purpose by a test");
            });
            assertThat(calls.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void many_containers_have_one_timer_and_consumers_on_virtual_threads() throws Exception {
        Set<Boolean> virtual = ConcurrentHashMap.newKeySet();
        CountDownLatch calls = new CountDownLatch(10 * MANY);
        List<Container> containers = new ArrayList<>();
        try {
            for (int i = 0; i < MANY; i++) {
                Container container = shell("sleep 100");
                containers.add(container);
                container.stats(INTERVAL, stats -> {
                    virtual.add(Thread.currentThread().isVirtual());
                    calls.countDown();
                });
                container.onEvent(event -> {});
            }
            assertThat(calls.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(virtual).containsExactly(true);
            assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(
                            name -> name.startsWith("dolium-")))
                    .containsOnlyOnce("dolium-timer", "dolium-poller")
                    .allMatch(name -> name.matches("dolium-(timer|poller|launcher)"));
        } finally {
            containers.forEach(Container::close);
        }
    }
}
