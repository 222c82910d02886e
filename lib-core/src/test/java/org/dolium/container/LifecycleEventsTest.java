// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a container is told in order, from its beginning to its end, and nobody waits for who listens.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LifecycleEventsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ContainerEvent CREATED = new ContainerEvent.Created();
    private static final ContainerEvent STARTED = new ContainerEvent.Started();
    private static final ContainerEvent CLOSED = new ContainerEvent.Closed();
    private static final ContainerEvent KILLED = new ContainerEvent.Exited(new ExitStatus.Signalled(Signal.KILL, false));

    private final LinkedBlockingQueue<ContainerEvent> told = new LinkedBlockingQueue<>();

    @TempDir
    Path directory;

    private ContainerBuilder shell(String script) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("sh", "-c", script);
    }

    /// Without what the cgroup tells, which is for [EventsTest].
    private void tell(ContainerEvent event) {
        if (!(event instanceof ContainerEvent.Resources)) {
            told.add(event);
        }
    }

    private static ContainerEvent exited(int code) {
        return new ContainerEvent.Exited(new ExitStatus.Exited(code));
    }

    private static ContainerEvent sent(Signal signal) {
        return new ContainerEvent.Signalled(signal);
    }

    private void assertTold(ContainerEvent... events) throws InterruptedException {
        List<ContainerEvent> seen = new ArrayList<>();
        for (int i = 0; i < events.length; i++) {
            ContainerEvent next = told.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("after %s", seen).isNotNull();
            seen.add(next);
        }
        assertThat(seen).containsExactly(events);
        assertThat(told.poll(50, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void who_listens_from_the_beginning_is_told_everything() throws Exception {
        try (Container container = shell("exit 3").onEvent(this::tell).start()) {
            container.waitFor();
            assertTold(CREATED, STARTED, exited(3));
        }
        assertTold(CLOSED);
    }

    @Test
    void who_comes_late_is_told_what_has_happened() throws Exception {
        try (Container container = shell("exit 3").start()) {
            container.waitFor();
            container.onEvent(this::tell);
            assertTold(CREATED, STARTED, exited(3));
        }
        assertTold(CLOSED);
    }

    @Test
    void short_commands_have_the_same_order() throws Exception {
        for (int i = 0; i < 50; i++) {
            shell("").command("true").onEvent(this::tell).run(LONG);
            assertThat(List.of(next(), next(), next(), next())).containsExactly(CREATED, STARTED, exited(0), CLOSED);
        }
    }

    private ContainerEvent next() throws InterruptedException {
        ContainerEvent next = told.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void a_start_is_told_when_it_comes() throws Exception {
        try (Container container = shell("exit 4").onEvent(this::tell).prepare()) {
            assertTold(CREATED);
            container.start();
            assertTold(STARTED, exited(4));
        }
        assertTold(CLOSED);
        shell("exit 4").onEvent(this::tell).prepare().close();
        assertTold(CREATED, sent(Signal.KILL), KILLED, CLOSED);
    }

    @Test
    void a_start_that_fails_is_none() throws Exception {
        ContainerBuilder builder = shell("").command("/no/such").onEvent(this::tell);
        assertThatExceptionOfType(LaunchException.class).isThrownBy(builder::start);
        assertTold(CREATED, exited(127), CLOSED);
    }

    @Test
    void signals_and_stops_are_told() throws Exception {
        String script = "trap 'exit 7' TERM; trap : USR1; echo ready; while :; do sleep 0.02; done";
        try (Container container = shell(script).onEvent(this::tell).start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            container.kill(Signal.USR1);
            container.stop(LONG);
            container.stop(LONG);
            assertTold(CREATED, STARTED, sent(Signal.USR1), sent(Signal.TERM), exited(7), new ContainerEvent.Stopped(false));
        }
        assertTold(CLOSED);
        try (Container container = shell("trap '' TERM; sleep 100").onEvent(this::tell).start()) {
            container.stop(Duration.ZERO);
        }
        assertTold(CREATED, STARTED, sent(Signal.TERM), sent(Signal.KILL), KILLED, new ContainerEvent.Stopped(true), CLOSED);
    }

    @Test
    void without_a_cgroup_the_rest_is_told() throws Exception {
        try (Container container = shell("exit 3").cgroup(CgroupPlacement.none()).onEvent(this::tell).start()) {
            container.waitFor();
            assertTold(CREATED, STARTED, exited(3));
        }
        assertTold(CLOSED);
    }

    @Test
    void pauses_are_told() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // has no cgroups
        }
        MustRun.root();
        try (Container container = shell("sleep 100").onEvent(this::tell).start()) {
            container.pause();
            container.resume();
            assertTold(CREATED, STARTED, new ContainerEvent.Paused(), new ContainerEvent.Resumed());
        }
        assertTold(sent(Signal.KILL), KILLED, CLOSED);
    }

    @Test
    void nobody_waits_for_who_listens_and_no_thread_of_the_platform_is_theirs() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        shell("exit 0").onEvent(event -> {}).run(LONG); // what is made once is there
        int threads = Thread.getAllStackTraces().size();
        List<Container> containers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                containers.add(shell("read x").onEvent(event -> await(release)).onEvent(this::tell).start());
            }
            assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 15 + Runtime.getRuntime().availableProcessors()); // carriers
        } finally {
            containers.forEach(Container::close);
            release.countDown();
        }
        for (int i = 0; i < 20 * 5; i++) {
            assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
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
    void what_waits_for_a_slow_one_is_bounded() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Events events = new Events(true);
        Events.Listener listener = events.add(event -> {
            await(release);
            told.add(event);
        });
        int taken = 0;
        List<CgroupEvent> hit = List.of(new CgroupEvent.LimitHit(CgroupEvent.Kind.PIDS, 1));
        while (listener.resources(hit)) {
            taken++;
        }
        assertThat(taken).isBetween(900, 1100);
        events.ended(new ExitStatus.Exited(0)); // this one is never lost
        release.countDown();
        for (int i = 0; i < taken + 2; i++) {
            assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(exited(0));
        assertThat(listener.resources(hit)).isTrue();
    }

    @Test
    void nothing_is_told_after_a_subscription_is_closed() throws Exception {
        try (Container container = shell("read x").start()) {
            Subscription subscription = container.onEvent(this::tell);
            assertTold(CREATED, STARTED);
            subscription.close();
        }
        assertThat(told.poll(200, TimeUnit.MILLISECONDS)).isNull();
    }
}
