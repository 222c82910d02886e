// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.registry.LyingRegistry;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.unpack.LayerException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@Timeout(60)
class ImagePullTest {
    @TempDir
    Path directory;

    private LyingRegistry registry;
    private RegistryClient client;
    private ImageStore store;
    private ImageReference name;
    private final PullTestImage image = new PullTestImage();

    @BeforeEach
    void open() throws IOException {
        registry = new LyingRegistry();
        client = RegistryClient.builder().tries(2, Duration.ofMillis(1)).build();
        store = ImageStore.open(directory.resolve("store"));
        name = registry.reference("app").withTag("1");
    }

    @AfterEach
    void close() {
        store.close();
        client.close();
        registry.close();
        assertThat(threads()).isEmpty();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("dolium-pull")).toList();
    }

    private ImagePull.Builder pull() {
        return ImagePull.from(client.repository(name), store).as(name).platform(Platform.parse("linux/amd64"));
    }

    private PulledImage run(ImagePull.Builder builder) throws IOException {
        try (ImagePull pull = builder.build()) {
            return pull.run("1");
        }
    }

    private void serve(Descriptor root) {
        registry.addAll(image.content, root, "1");
    }

    /// What was asked for of the registry, without what is before the digest.
    private List<String> asked() {
        List<String> asked = registry.targets().stream().map(target -> target.replaceAll(".*(manifests|blobs)/", "")).toList();
        registry.seen.clear();
        return asked;
    }

    private List<Path> trees() throws IOException {
        try (LayerLease layers = store.layers(image.diffIds)) {
            return layers.directories();
        }
    }

    /// What is not visible, but for what a sink that is open has.
    private List<String> work() throws IOException {
        try (Stream<Path> names = Files.list(directory.resolve("store/work"))) {
            return names.map(path -> path.getFileName().toString()).toList();
        }
    }

    /// Answers with the first half of a blob, and lets the other wait until the latch is open.
    private void stall(Descriptor layer, CountDownLatch reached, CountDownLatch open) {
        registry.lie = exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(layer.digest().toString())) {
                return false;
            }
            byte[] bytes = registry.blobs.get(layer.digest().toString());
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            exchange.getResponseBody().flush();
            reached.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                return true;
            }
            exchange.getResponseBody().write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
            return true;
        };
    }

    @Test
    void an_image_is_stored_with_its_name_and_its_layers_as_directories() throws IOException {
        image.layer("a", 1 << 20).layer(MediaTypes.OCI_LAYER, PullTestImage.archive("b", 3_000_000)).layer("c", 10);
        Descriptor root = image.manifest();
        serve(root);
        PulledImage pulled = run(pull());
        assertThat(pulled.descriptor().digest()).isEqualTo(root.digest());
        assertThat(store.find(name)).map(Descriptor::digest).contains(root.digest());
        List<Path> trees = trees();
        assertThat(trees.get(2).resolve("a")).hasSize(1 << 20);
        assertThat(trees.get(1).resolve("b")).hasSize(3_000_000);
        assertThat(trees.get(0).resolve("c")).hasSize(10);
        for (Descriptor layer : image.layers) {
            assertThat(store.has(layer)).isTrue();
        }
        assertThat(work()).isEmpty();
    }

    @Test
    void layers_are_fetched_at_once() throws IOException {
        image.layer("a", 100_000).layer("b", 100_000).layer("c", 100_000);
        serve(image.manifest());
        List<String> layers = image.layers.stream().map(layer -> layer.digest().toString()).toList();
        CountDownLatch two = new CountDownLatch(2);
        List<Boolean> together = new CopyOnWriteArrayList<>();
        registry.lie = exchange -> {
            if (layers.contains(exchange.getRequestURI().getPath().replaceAll(".*/", ""))) {
                two.countDown(); // the first is answered when the second is asked for
                try {
                    together.add(two.await(20, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                    return true;
                }
            }
            return false;
        };
        run(pull().parallelism(2));
        assertThat(together).containsExactly(true, true, true);
        assertThat(trees()).hasSize(3);
    }

    @Test
    void a_second_pull_of_a_known_image_asks_only_for_its_name() throws IOException {
        image.layer("a", 1000).layer("b", 1000);
        Descriptor manifest = image.manifest();
        serve(image.content.index(manifest));
        run(pull());
        assertThat(asked()).hasSize(5).doesNotHaveDuplicates();
        run(pull());
        assertThat(asked()).containsExactly("1");
        name = name.withTag("2"); // the same image by another name
        registry.add("2", image.content.index(manifest).bare(), image.content.content.get(image.content.index(manifest).digest()));
        try (ImagePull pull = pull().build()) {
            pull.run("2");
        }
        assertThat(asked()).containsExactly("2");
        assertThat(store.find(name)).isPresent();
    }

    @Test
    void blobs_that_are_there_are_unpacked_without_the_network() throws IOException {
        image.layer("a", 100_000).layer("b", 1000);
        Descriptor root = image.manifest();
        serve(root);
        try (StoreSink sink = store.sink()) {
            ImageCopy.copy(image.content, root.bare(), sink, List.of());
        }
        List<PullEvent> events = new CopyOnWriteArrayList<>();
        run(pull().listener(events::add));
        assertThat(asked()).containsExactly("1");
        assertThat(trees()).allSatisfy(tree -> assertThat(tree).isNotEmptyDirectory());
        assertThat(events).filteredOn(PullEvent.LayerStarted.class::isInstance).hasSize(2)
                .allSatisfy(event -> assertThat(((PullEvent.LayerStarted) event).local()).isTrue());
    }

    @Test
    void a_store_is_its_own_source_for_layers_that_are_not_unpacked() throws IOException {
        image.layer("a", 100_000);
        try (StoreSink sink = store.sink()) {
            ImageCopy.copy(image.content, image.manifest().bare(), sink, List.of(name.toString()));
        }
        try (ImagePull pull = ImagePull.from(store, store).as(name).platform(image.platform).build()) {
            pull.run(name.toString());
        }
        assertThat(trees().get(0).resolve("a")).hasSize(100_000);
    }

    @Test
    void directories_that_a_layer_says_nothing_about_look_as_in_the_layers_below() throws IOException {
        byte[] first = PullTestImage.directories("tmp/", 01777, "home/", 0711, "home/user/", 0700);
        image.layer(MediaTypes.OCI_LAYER_GZIP, first).layer("tmp/x", 3_000_000).layer("home/user/y", 10).layer("new/z", 10);
        serve(image.manifest());
        List<PullEvent> events = new CopyOnWriteArrayList<>();
        run(pull().listener(events::add));
        List<Path> trees = trees();
        assertThat(mode(trees.get(2).resolve("tmp"))).isEqualTo(01777);
        assertThat(mode(trees.get(1).resolve("home"))).isEqualTo(0711);
        assertThat(mode(trees.get(1).resolve("home/user"))).isEqualTo(0700);
        assertThat(mode(trees.get(0).resolve("new"))).isEqualTo(0755);
        assertThat(events).filteredOn(PullEvent.LayerDone.class::isInstance).hasSize(4);
        assertThat(work()).isEmpty();
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode") & 07777;
    }

    @Test
    void of_an_index_only_the_image_for_the_platform_is_fetched() throws IOException {
        PullTestImage other = new PullTestImage();
        other.platform = Platform.parse("linux/arm64");
        Descriptor arm = other.layer("arm", 5000).manifest();
        Descriptor here = image.layer("x86", 5000).manifest();
        image.content.content.putAll(other.content.content);
        serve(image.content.index(arm, here));
        run(pull());
        assertThat(asked()).hasSize(4).doesNotContain(arm.digest().toString(), other.layers.get(0).digest().toString());
        run(pull().platform(other.platform));
        assertThat(asked()).hasSize(4).contains("1", arm.digest().toString());
        assertThat(store.find(name)).isPresent();
    }

    @Test
    void a_layer_that_is_twice_in_an_image_is_fetched_once() throws IOException {
        image.layer("a", 1000).layer("a", 1000).layer("b", 1000).layer("a", 1000);
        serve(image.manifest());
        run(pull());
        assertThat(asked()).doesNotHaveDuplicates().hasSize(4);
        assertThat(trees()).hasSize(4);
    }

    @Test
    void U_19_a_layer_with_another_content_stops_the_pull_and_is_named() throws IOException {
        CountDownLatch reached = new CountDownLatch(1);
        image.layer("slow", 1 << 20).layer("a", 1000);
        image.diffIds.set(1, Digest.of(new byte[1]));
        serve(image.manifest());
        stall(image.layers.get(0), reached, new CountDownLatch(1));
        long begun = System.nanoTime();
        assertThatThrownBy(() -> run(pull()))
                .isInstanceOf(WrongContentException.class)
                .hasMessageContaining("layer 2 of 2, " + image.layers.get(1).digest())
                .hasMessageContaining("the configuration of the image says " + Digest.of(new byte[1]));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20)); // the first was not waited for
        assertNothing();
    }

    private void assertNothing() throws IOException {
        assertThat(store.images()).isEmpty();
        assertThat(work()).isEmpty();
        for (Digest chain : org.dolium.oci.store.ChainId.all(image.diffIds)) {
            assertThat(store.hasLayer(chain)).isFalse();
        }
    }

    @Test
    void a_blob_that_is_not_what_it_should_be_is_named_and_nowhere() throws IOException {
        Descriptor root = image.layer("a", 500_000).manifest();
        serve(root);
        Descriptor layer = image.layers.get(0);
        byte[] other = image.content.content.get(layer.digest()).clone();
        other[other.length - 20] ^= 1;
        registry.blobs.put(layer.digest().toString(), other);
        assertThatThrownBy(() -> run(pull())).isInstanceOf(IOException.class).hasMessageContaining("layer 1 of 1, " + layer.digest());
        assertThat(store.has(layer)).isFalse();
        assertNothing();
        registry.blobs.put(layer.digest().toString(), image.content.content.get(layer.digest()));
        run(pull());
        assertThat(trees()).hasSize(1);
    }

    @Test
    void a_layer_that_is_no_archive_is_refused_and_named() throws IOException {
        serve(image.layer(MediaTypes.OCI_LAYER, new byte[] {1, 2, 3}).manifest());
        assertThatThrownBy(() -> run(pull())).isInstanceOf(LayerException.class)
                .hasMessageContaining("layer 1 of 1, " + image.layers.get(0).digest());
        assertNothing();
    }

    @Test
    void two_pulls_of_an_image_at_once_fetch_each_layer_once() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        image.layer("a", 200_000).layer("b", 300_000);
        serve(image.manifest());
        stall(image.layers.get(1), reached, open);
        try (var threads = Executors.newFixedThreadPool(2);
                ImageStore again = ImageStore.open(directory.resolve("store"))) {
            Future<PulledImage> one = threads.submit(() -> run(pull()));
            reached.await();
            Future<PulledImage> other = threads.submit(() -> run(ImagePull.from(client.repository(name), again).platform(image.platform)));
            Thread.sleep(100);
            open.countDown();
            assertThat(one.get().root().digest()).isEqualTo(other.get().root().digest());
        }
        List<String> layers = image.layers.stream().map(layer -> layer.digest().toString()).toList();
        assertThat(asked().stream().filter(layers::contains)).containsExactlyInAnyOrderElementsOf(layers);
    }

    @Test
    void an_interrupt_stops_the_pull_and_leaves_nothing_half() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        serve(image.layer("a", 2 << 20).manifest());
        stall(image.layers.get(0), reached, new CountDownLatch(1));
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                run(pull());
            } catch (Throwable e) {
                failures.add(e);
                failures.add(new Throwable("interrupted: " + Thread.currentThread().isInterrupted()));
            }
        });
        reached.await();
        thread.interrupt();
        assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        assertThat(failures.get(0)).isInstanceOf(InterruptedIOException.class);
        assertThat(failures.get(1)).hasMessage("interrupted: true");
        assertNothing();
        registry.lie = exchange -> false;
        run(pull());
        assertThat(trees()).hasSize(1);
    }

    @Test
    void closing_a_pull_from_elsewhere_stops_it() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        serve(image.layer("a", 2 << 20).layer("b", 1000).manifest());
        stall(image.layers.get(0), reached, new CountDownLatch(1));
        ImagePull pull = pull().build();
        Thread closer = Thread.ofPlatform().start(() -> {
            try {
                reached.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            pull.close();
        });
        assertThatThrownBy(() -> pull.run("1")).isInstanceOf(InterruptedIOException.class).hasMessage("the pull was given up");
        closer.join();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(store.images()).isEmpty();
        assertThat(work()).isEmpty();
        assertThatThrownBy(() -> pull.run("1")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_listener_hears_what_happens_in_order() throws IOException {
        serve(image.layer("a", 1000).layer("b", 1000).manifest());
        List<PullEvent> events = new ArrayList<>();
        run(pull().parallelism(1).listener(events::add));
        assertThat(events.stream().filter(event -> !(event instanceof PullEvent.Downloaded)).map(event -> event.getClass().getSimpleName()))
                .containsExactly("Resolved", "LayerStarted", "Unpacked", "LayerDone", "LayerStarted", "Unpacked", "LayerDone", "Finished");
        events.clear();
        run(pull().listener(events::add));
        assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
                .containsExactly("Resolved", "LayerDone", "LayerDone", "Finished");
        assertThat(((PullEvent.LayerDone) events.get(1)).existed()).isTrue();
    }

    @Test
    void bytes_are_told_some_times_a_second() throws Exception {
        serve(image.layer("a", 2 << 20).manifest());
        CountDownLatch open = new CountDownLatch(1);
        stall(image.layers.get(0), new CountDownLatch(1), open);
        List<PullEvent.Downloaded> events = new CopyOnWriteArrayList<>();
        run(pull().listener(event -> {
            if (event instanceof PullEvent.Downloaded downloaded) {
                events.add(downloaded);
                if (downloaded.bytes() == downloaded.layer().size() / 2) {
                    open.countDown();
                }
            }
        }));
        assertThat(events).isNotEmpty().hasSizeLessThan(100).allSatisfy(event -> assertThat(event.layer()).isEqualTo(image.layers.get(0)));
    }

    @Test
    void a_listener_that_throws_does_no_harm() throws IOException {
        serve(image.layer("a", 1000).manifest());
        run(pull().listener(event -> {
            throw new IllegalStateException("a listener's own");
        }));
        assertThat(trees()).hasSize(1);
    }

    @Test
    void a_listener_that_never_returns_costs_a_second_at_most() throws Exception {
        serve(image.layer("a", 1000).manifest());
        CountDownLatch never = new CountDownLatch(1);
        long begun = System.nanoTime();
        run(pull().listener(event -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
        assertThat(trees()).hasSize(1);
        while (!threads().isEmpty()) { // it was interrupted
            Thread.sleep(1);
        }
    }
}
