// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Images that are sent, several blobs at once.
@Timeout(60)
class PushTest {
    private static final int AT_ONCE = 4;

    private final TestImage images = new TestImage();
    private final Descriptor root = images.image("amd64", 100_000, 100_001, 100_002, 100_003, 100_004, 100_005);
    private LyingRegistry registry;

    @BeforeEach
    void open() throws IOException {
        registry = new LyingRegistry();
    }

    @AfterEach
    void close() {
        registry.close();
        assertThat(threads()).isEmpty();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("dolium-copy")).toList();
    }

    private void push(CredentialSource credentials) throws IOException {
        try (RegistryClient client = RegistryClient.builder().tries(1, Duration.ofMillis(1)).credentials(credentials).build();
                Repository repository = client.repository(registry.reference("a/b"))) {
            ImageCopy.copy(images, root, repository, List.of("1"));
        }
    }

    private static boolean isUpload(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("PUT") && exchange.getRequestURI().getPath().contains("/blobs/uploads/");
    }

    /// Whether others come too, soon enough.
    private static boolean together(CountDownLatch others) {
        others.countDown();
        try {
            return others.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void assertThere() throws IOException {
        images.content.forEach((digest, bytes) -> assertThat(
                registry.blobs.getOrDefault(digest.toString(), registry.manifests.get(digest.toString()))).isEqualTo(bytes));
        assertThat(registry.manifests).containsKey("1");
    }

    @Test
    void four_blobs_are_sent_at_once_and_what_names_them_after_all() throws IOException {
        CountDownLatch four = new CountDownLatch(AT_ONCE);
        AtomicInteger alone = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        registry.lie = exchange -> {
            if (isUpload(exchange)) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                alone.addAndGet(together(four) ? 0 : 1);
                now.decrementAndGet();
            }
            return false;
        };
        push(CredentialSource.NONE);
        assertThat(alone).hasValue(0);
        assertThat(most).hasValue(AT_ONCE);
        assertThere();
        List<String> puts = registry.targets().stream().filter(target -> target.startsWith("PUT")).toList();
        assertThat(puts).hasSize(6 + 1 + 2);
        String config = ((Manifest) Contents.document(root, images.content.get(root.digest()))).config().digest().toString();
        assertThat(puts.get(6)).contains("/blobs/uploads/", config);
        assertThat(puts.subList(7, 9)).allMatch(put -> put.contains("/manifests/"));
    }

    @Test
    void the_first_failure_stops_the_others() throws Exception {
        CountDownLatch two = new CountDownLatch(2);
        AtomicInteger uploads = new AtomicInteger();
        registry.lie = exchange -> {
            if (!isUpload(exchange)) {
                return false;
            }
            if (uploads.incrementAndGet() == 1) {
                together(two);
                LyingRegistry.send(exchange, 400, new byte[0]);
            } else {
                two.countDown();
                together(new CountDownLatch(2)); // nobody else comes
            }
            return true;
        };
        long begun = System.nanoTime();
        assertThatThrownBy(() -> push(CredentialSource.NONE)).isInstanceOf(RegistryException.class).hasMessageContaining("400");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15)); // the others were not waited for
        assertThat(threads()).isEmpty();
        assertThat(uploads.get()).isBetween(2, AT_ONCE);
        assertThat(registry.manifests).isEmpty();
    }

    @Test
    void an_interrupt_stops_all() throws Exception {
        CountDownLatch reached = new CountDownLatch(AT_ONCE);
        registry.lie = exchange -> {
            if (isUpload(exchange)) {
                reached.countDown();
                together(new CountDownLatch(2));
            }
            return isUpload(exchange);
        };
        Throwable[] failure = new Throwable[1];
        Thread pushing = Thread.ofPlatform().start(() -> {
            try {
                push(CredentialSource.NONE);
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
        pushing.interrupt();
        assertThat(pushing.join(Duration.ofSeconds(15))).isTrue();
        assertThat(failure[0]).isInstanceOf(InterruptedIOException.class);
        assertThat(registry.manifests).isEmpty();
    }

    @Test
    void all_that_are_asked_for_a_password_at_once_give_it() throws IOException {
        CountDownLatch four = new CountDownLatch(AT_ONCE);
        registry.lie = exchange -> {
            if (exchange.getRequestHeaders().containsKey("Authorization")) {
                return false;
            }
            return together(four) && LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        };
        push(any -> Optional.of(Credentials.of("me", "secret")));
        assertThere();
        assertThat(registry.seen.stream().filter(request -> !request.headers().containsKey("Authorization"))).hasSize(AT_ONCE);
    }

    @Test
    void all_that_are_asked_for_a_token_at_once_share_one() throws IOException {
        CountDownLatch four = new CountDownLatch(AT_ONCE);
        AtomicInteger looked = new AtomicInteger();
        registry.lie = exchange -> {
            if (exchange.getRequestURI().getPath().equals("/token")) {
                return LyingRegistry.json(exchange, "{'token':'t0k3n','expires_in':300}");
            }
            if ("Bearer t0k3n".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            return together(four) && LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\"");
        };
        push(any -> {
            looked.incrementAndGet(); // which may ask a person
            return Optional.of(Credentials.of("me", "secret"));
        });
        assertThere();
        assertThat(registry.targets()).filteredOn(target -> target.startsWith("GET /token")).hasSize(1);
        assertThat(looked).hasValue(1);
    }

    @Test
    void blobs_are_mounted_at_once_too() throws IOException {
        for (Descriptor layer : ((Manifest) Contents.document(root, images.content.get(root.digest()))).layers().subList(0, 5)) {
            registry.blobs.put(layer.digest().toString(), images.content.get(layer.digest()));
        }
        CountDownLatch four = new CountDownLatch(AT_ONCE);
        registry.lie = exchange -> {
            boolean asked = exchange.getRequestMethod().equals("HEAD") && exchange.getRequestURI().getPath().contains("/blobs/");
            if (asked) {
                LyingRegistry.send(exchange, 404, new byte[0]); // only next door
            } else if (exchange.getRequestURI().toString().contains("mount=")) {
                together(four);
            }
            return asked;
        };
        try (RegistryClient client = RegistryClient.builder().build();
                Repository repository = client.repository(registry.reference("a/b"))) {
            repository.mountFrom("a/c");
            ImageCopy.copy(images, root, repository, List.of("1"));
            assertThat(root.digest()).satisfies(digest -> assertThat(registry.manifests).containsKey(digest.toString()));
            assertThat(images.content.keySet()).filteredOn(digest -> repository.mountedFrom(digest).equals(Optional.of("a/c"))).hasSize(5);
        }
        assertThat(images.opened).hasSize(1 + 1 + 1); // the manifest, the last layer and the configuration
        assertThere();
    }

    @Test
    void what_takes_one_at_a_time_gets_it_so() throws IOException {
        Thread here = Thread.currentThread();
        List<Descriptor> put = new ArrayList<>();
        ImageCopy.copy(images, root, new ImageSink() {
            @Override
            public boolean has(Descriptor content) {
                assertThat(Thread.currentThread()).isSameAs(here);
                return false;
            }

            @Override
            public void put(VerifiedStream content) throws IOException {
                assertThat(Thread.currentThread()).isSameAs(here);
                content.readAllBytes();
                put.add(content.descriptor());
            }

            @Override
            public void publish(Descriptor document, List<String> names) {}

            @Override
            public void finish() {}

            @Override
            public void close() {}
        }, List.of());
        Manifest manifest = (Manifest) Contents.document(root, images.content.get(root.digest()));
        assertThat(put).startsWith(manifest.parts().toArray(Descriptor[]::new)).hasSize(8).last().isEqualTo(root);
    }
}
