// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.MediaTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of the answers of a download. Each is watched by the clock until it is closed.
@Timeout(60)
class ResumingStreamTest {
    private static final int SIZE = 50_000;

    private final byte[] bytes = new byte[SIZE];
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);
    private final Connections connections = new Connections(
            new NetworkSettings(null, Map.of(), null, Map.of(), null, InetAddress::getAllByName), Duration.ofSeconds(5));
    private LyingRegistry registry;

    @BeforeEach
    void open() throws IOException {
        new Random(7).nextBytes(bytes);
        clock.setRemoveOnCancelPolicy(true);
        registry = new LyingRegistry();
    }

    @AfterEach
    void close() {
        connections.close();
        clock.shutdownNow();
        registry.close();
    }

    private InputStream download(Duration pause) throws IOException {
        RegistrySettings settings = new RegistrySettings(
                CredentialSource.NONE, Set.of(), Set.of(), Map.of(), Map.of(),
                new NetworkSettings(null, Map.of(), null, Map.of(), null, InetAddress::getAllByName), Duration.ofSeconds(5),
                Duration.ofSeconds(20), 0, Duration.ofMinutes(1), 3, pause, 0);
        Place place = new Place(
                new RegistryCaller(registry.host(), settings, connections, clock), registry.reference("x"), false, true);
        return new ResumingStream(new Places(List.of(place)).course(false), Descriptor.of(MediaTypes.OCI_LAYER, bytes),
                Deadline.after(Duration.ofMinutes(1)), 3);
    }

    /// Answers with a part of the content, and then no more.
    private boolean broken(HttpExchange exchange, int length) throws IOException {
        exchange.sendResponseHeaders(200, SIZE);
        exchange.getResponseBody().write(bytes, 0, length);
        exchange.getResponseBody().flush();
        return true; // and the connection is closed
    }

    @Test
    void an_answer_that_breaks_off_before_the_place_where_to_go_on_is_closed() throws IOException {
        registry.lie = exchange -> broken(exchange, registry.seen.size() == 1 ? 20_000 : registry.seen.size() == 2 ? 10_000 : SIZE);
        InputStream download = download(Duration.ofMillis(1));
        assertThat(download.readAllBytes()).isEqualTo(bytes);
        assertThat(registry.seen).hasSize(3);
        assertThat(clock.getQueue()).hasSize(1); // the third answer
        download.close();
        assertThat(clock.getQueue()).isEmpty();
    }

    @Test
    void who_has_closed_it_asks_for_nothing_more() throws IOException {
        registry.lie = exchange -> broken(exchange, 20_000);
        InputStream download = download(Duration.ofMillis(1));
        assertThat(download.read()).isEqualTo(bytes[0] & 0xff);
        download.close();
        assertThatThrownBy(() -> download.readAllBytes()).isInstanceOf(IOException.class);
        assertThat(registry.seen).hasSize(1);
        assertThat(clock.getQueue()).isEmpty();
    }

    @Test
    void who_reads_while_it_is_closed_asks_for_nothing_more() throws Exception {
        registry.lie = exchange -> broken(exchange, 20_000);
        InputStream download = download(Duration.ofSeconds(2)); // before it is asked again
        CountDownLatch begun = new CountDownLatch(1);
        Throwable[] failure = new Throwable[1];
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                download.readNBytes(20_000);
                begun.countDown();
                download.read();
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        Thread.sleep(100);
        download.close();
        reader.join();
        assertThat(failure[0]).isInstanceOf(IOException.class);
        assertThat(registry.seen).hasSize(1);
        assertThat(clock.getQueue()).isEmpty();
    }
}
