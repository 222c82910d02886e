// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.dolium.testing.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollerTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    private final Poller poller = Poller.shared();

    @Test
    void a_handler_is_called_once_when_its_descriptor_is_ready() throws Exception {
        Fd[] pipe = Fd.pipe();
        try (Fd read = pipe[0];
                Fd write = pipe[1]) {
            AtomicInteger calls = new AtomicInteger();
            poller.watch(read, Poller.IN, events -> calls.incrementAndGet());
            Thread.sleep(SHORT);
            assertThat(calls).hasValue(0);
            write.write(new byte[] {1}, "pipe");
            write.write(new byte[] {2}, "pipe");
            Await.that("the handler is called", () -> calls.get() > 0);
            Thread.sleep(SHORT);
            assertThat(calls).hasValue(1);
        }
    }

    @Test
    void waiting_ends_when_the_time_is_up_and_leaves_nothing() throws Exception {
        Fd[] pipe = Fd.pipe();
        try (Fd read = pipe[0];
                Fd write = pipe[1]) {
            assertThat(poller.await(read, Poller.IN, SHORT)).isFalse();
            assertThat(poller.await(read, Poller.IN, SHORT)).isFalse(); // not still known to epoll
            write.write(new byte[] {1}, "pipe");
            assertThat(poller.await(read, Poller.IN, Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void a_cancelled_handler_is_not_called() throws Exception {
        Fd[] pipe = Fd.pipe();
        try (Fd read = pipe[0];
                Fd write = pipe[1]) {
            AtomicInteger calls = new AtomicInteger();
            long key = poller.watch(read, Poller.IN, events -> calls.incrementAndGet());
            assertThat(poller.cancel(key)).isTrue();
            assertThat(poller.cancel(key)).isFalse();
            write.write(new byte[] {1}, "pipe");
            Thread.sleep(SHORT);
            assertThat(calls).hasValue(0);
        }
    }

    /// Giving up and being served may happen at the same moment; then the descriptor must be free for the next one who
    /// waits, and nothing that comes late may take that one's registration away.
    @Test
    void giving_up_at_the_moment_of_readiness_disturbs_nobody() throws Exception {
        Fd[] pipe = Fd.pipe();
        try (Fd read = pipe[0];
                Fd write = pipe[1];
                PipeInput input = new PipeInput(read)) {
            Random random = new Random(1);
            byte[] target = new byte[8];
            for (int i = 0; i < 3000; i++) {
                CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                    try {
                        write.write(new byte[] {1}, "pipe");
                    } catch (ErrnoException e) {
                        throw new IllegalStateException(e);
                    }
                });
                for (int tries = 0; tries < 3; tries++) {
                    poller.await(read, Poller.IN, Duration.ofNanos(random.nextInt(60_000)));
                }
                assertThat(poller.await(read, Poller.IN, Duration.ofSeconds(20))).isTrue();
                assertThat(input.tryRead(target, 0, 8)).isEqualTo(1);
                writer.join();
            }
        }
    }

    @Test
    void what_can_not_be_polled_is_an_error_and_not_silence() throws Exception {
        try (Fd file = Fd.open("/etc/passwd", 0, 0)) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> poller.watch(file, Poller.IN, events -> {}))
                    .withMessageMatching("epoll_ctl\\(EPOLL_CTL_ADD, \\d+\\) = -1 EPERM");
        }
    }

    /// One thread serves every container: a handler that fails must not take the others with it.
    @Test
    void a_handler_that_throws_does_not_stop_the_others() throws Exception {
        Fd[] bad = Fd.pipe();
        Fd[] good = Fd.pipe();
        CountDownLatch called = new CountDownLatch(1);
        try {
            poller.watch(bad[0], Poller.HANGUP, events -> {
                throw new IllegalStateException("thrown on purpose by a test");
            });
            bad[1].close();
            poller.watch(good[0], Poller.IN, events -> called.countDown());
            good[1].write(new byte[] {1}, "pipe");
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            bad[0].close();
            good[0].close();
            good[1].close();
        }
    }

    @Test
    void hundreds_of_descriptors_are_served_at_once() throws Exception {
        List<Fd[]> pipes = new ArrayList<>();
        CountDownLatch called = new CountDownLatch(300);
        try {
            for (int i = 0; i < 300; i++) {
                Fd[] pipe = Fd.pipe();
                pipes.add(pipe);
                poller.watch(pipe[0], Poller.IN, events -> called.countDown());
            }
            for (Fd[] pipe : pipes) {
                pipe[1].write(new byte[] {1}, "pipe");
            }
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            for (Fd[] pipe : pipes) {
                pipe[0].close();
                pipe[1].close();
            }
        }
    }
}
