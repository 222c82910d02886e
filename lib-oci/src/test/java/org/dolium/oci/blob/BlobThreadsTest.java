// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.oci.image.Descriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlobThreadsTest {
    private final List<Descriptor> copied = new CopyOnWriteArrayList<>();

    @AfterEach
    void no_thread_is_left() {
        assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().startsWith("dolium-copy"));
    }

    private static List<Descriptor> blobs(int count) {
        List<Descriptor> blobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blobs.add(Descriptor.of("a/b", new byte[i]));
        }
        return blobs;
    }

    private static void meet(CountDownLatch others) throws IOException {
        others.countDown();
        try {
            assertThat(others.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new InterruptedIOException("stopped");
        }
    }

    @Test
    void all_blobs_are_copied_by_no_more_threads_than_may() throws IOException {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        BlobThreads.copy(blobs(50), 3, blob -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            meet(three);
            copied.add(blob);
            now.decrementAndGet();
        });
        assertThat(copied).containsExactlyInAnyOrderElementsOf(blobs(50));
        assertThat(most).hasValue(3);
        BlobThreads.copy(List.of(), 3, copied::add);
        assertThat(copied).hasSize(50);
    }

    @Test
    void the_first_failure_is_thrown_with_those_of_the_others_and_without_those_of_stopping() {
        CountDownLatch all = new CountDownLatch(3);
        CountDownLatch failed = new CountDownLatch(1);
        assertThatThrownBy(() -> BlobThreads.copy(blobs(50), 3, blob -> {
            copied.add(blob);
            meet(all);
            if (blob.size() == 0) {
                failed.countDown();
                throw new IOException("first");
            }
            try {
                assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
                Thread.sleep(20_000); // until it is stopped
            } catch (InterruptedException e) {
                if (blob.size() == 1) {
                    throw new InterruptedIOException("stopped");
                }
                throw new IllegalStateException("second");
            }
        })).isInstanceOf(IOException.class).hasMessage("first").satisfies(e -> assertThat(e.getSuppressed())
                .singleElement().satisfies(one -> assertThat(one).hasMessage("second")));
        assertThat(copied).hasSize(3); // and no other was begun
    }

    @Test
    void errors_and_runtime_exceptions_stay_what_they_are() {
        Error error = new AssertionError("x");
        assertThatThrownBy(() -> BlobThreads.copy(blobs(1), 3, blob -> {
            throw error;
        })).isSameAs(error);
        RuntimeException same = new IllegalStateException("x");
        assertThatThrownBy(() -> BlobThreads.copy(blobs(9), 3, blob -> {
            throw same;
        })).isSameAs(same).hasNoSuppressedExceptions();
    }

    @Test
    void an_interrupt_stops_all_and_stays_known() throws Exception {
        CountDownLatch two = new CountDownLatch(2);
        Throwable[] failure = new Throwable[1];
        boolean[] interrupted = new boolean[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                BlobThreads.copy(blobs(5), 2, blob -> {
                    copied.add(blob);
                    two.countDown();
                    meet(new CountDownLatch(2)); // nobody else comes
                });
            } catch (Throwable e) {
                failure[0] = e;
                interrupted[0] = Thread.currentThread().isInterrupted();
            }
        });
        assertThat(two.await(20, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        thread.join();
        assertThat(failure[0]).isInstanceOf(InterruptedIOException.class).hasNoSuppressedExceptions();
        assertThat(interrupted[0]).isTrue();
        assertThat(copied).hasSize(2);
    }
}
