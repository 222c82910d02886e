// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.registry.LyingRegistry;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.unpack.LayerException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pulls with mirrors whose layers are not what they should be.
@Tag("kernel")
@Timeout(60)
class LyingMirrorTest {
    @TempDir
    Path directory;

    private final PullTestImage image = new PullTestImage();
    private final List<PullEvent> events = new CopyOnWriteArrayList<>();
    private LyingRegistry registry;
    private LyingRegistry first;
    private LyingRegistry second;
    private ImageStore store;

    @BeforeEach
    void open() throws IOException {
        registry = new LyingRegistry();
        first = new LyingRegistry();
        second = new LyingRegistry();
        store = ImageStore.open(directory.resolve("store"));
    }

    @AfterEach
    void close() {
        store.close();
        registry.close();
        first.close();
        second.close();
    }

    private PulledImage pull() throws IOException {
        ImageReference name = registry.reference("app").withTag("1");
        RegistryClient.Builder builder = RegistryClient.builder().tries(2, Duration.ofMillis(1));
        for (LyingRegistry mirror : List.of(first, second)) {
            builder.mirror(name.registry(), mirror.reference("app").registry());
        }
        try (RegistryClient client = builder.build();
                ImagePull pull = ImagePull.from(client.repository(name), store).as(name).parallelism(4)
                        .platform(Platform.parse("linux/amd64")).listener(events::add).build()) {
            return pull.run("1");
        }
    }

    private void serve() {
        Descriptor root = image.manifest();
        for (LyingRegistry one : List.of(registry, first, second)) {
            one.addAll(image.content, root, "1");
        }
    }

    /// What a registry gives for a layer.
    private void lie(LyingRegistry liar, Descriptor layer, String how) {
        byte[] right = registry.blobs.get(layer.digest().toString());
        byte[] wrong = right.clone();
        switch (how) {
            case "its first byte" -> wrong[0] ^= 1;
            case "a time that nobody reads" -> wrong[4] ^= 1;
            case "its middle" -> wrong[wrong.length / 2] ^= 1;
            case "its last byte" -> wrong[wrong.length - 1] ^= 1;
            case "another archive" -> wrong = PullTestImage.gzip(PullTestImage.archive("evil", 10_000));
            default -> wrong = padded(PullTestImage.gzip(PullTestImage.archive("evil", 200_000)), right.length);
        }
        liar.blobs.put(layer.digest().toString(), wrong);
    }

    /// A gzip member with a longer name, which means nothing.
    private static byte[] padded(byte[] gzip, int length) {
        byte[] padded = new byte[length];
        java.util.Arrays.fill(padded, (byte) 'x');
        System.arraycopy(gzip, 0, padded, 0, 10);
        padded[3] = 8;
        padded[length - gzip.length + 9] = 0;
        System.arraycopy(gzip, 10, padded, length - gzip.length + 10, gzip.length - 10);
        return padded;
    }

    private List<Path> trees() throws IOException {
        try (LayerLease layers = store.layers(image.diffIds)) {
            return layers.directories();
        }
    }

    private List<String> work() throws IOException {
        try (Stream<Path> names = Files.list(directory.resolve("store/work"))) {
            return names.map(path -> path.getFileName().toString()).toList();
        }
    }

    private <T extends PullEvent> List<T> events(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"its first byte", "a time that nobody reads", "its middle", "its last byte", "another archive", "another archive of that length"})
    void R_04_a_mirror_that_lies_about_layers_is_passed_over_and_nothing_of_it_is_kept(String how) throws IOException {
        image.layer("a", 300_000).layer("b", 400_000).layer("c", 500_000).layer("d", 600_000);
        serve();
        for (Descriptor layer : image.layers) {
            lie(first, layer, how);
        }
        pull();
        List<Path> trees = trees();
        for (int i = 0; i < 4; i++) {
            assertThat(trees.get(3 - i)).isDirectoryContaining("glob:**/" + (char) ('a' + i)).isDirectoryNotContaining("glob:**/evil");
            assertThat(store.has(image.layers.get(i))).isTrue();
            assertThat(directory.resolve("store/blobs/sha256/" + image.layers.get(i).digest().hex()))
                    .hasBinaryContent(registry.blobs.get(image.layers.get(i).digest().toString()));
        }
        assertThat(work()).isEmpty();
        assertThat(second.targets()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(registry.targets()).hasSize(1);
    }

    @Test
    void R_04_who_listens_hears_which_layer_is_fetched_again_and_why() throws IOException {
        Descriptor layer = image.layer("a", 300_000).layers.getFirst();
        serve();
        lie(first, layer, "its last byte");
        pull();
        assertThat(events(PullEvent.LayerStarted.class)).hasSize(1);
        assertThat(events(PullEvent.LayerRetried.class)).singleElement().satisfies(event -> {
            assertThat(event.layer()).isEqualTo(layer);
            assertThat(event.problem()).startsWith("the content of " + layer.digest() + " from " + first.reference("app").name() + " is wrong: ");
        });
        assertThat(events(PullEvent.Unpacked.class)).hasSize(1);
        assertThat(events(PullEvent.LayerDone.class)).hasSize(1);
        List<PullEvent> all = events.stream().filter(event -> !(event instanceof PullEvent.Downloaded)).toList();
        assertThat(all).extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Resolved", "LayerStarted", "LayerRetried", "Unpacked", "LayerDone", "Finished");
    }

    @ParameterizedTest
    @ValueSource(strings = {"its first byte", "a time that nobody reads"})
    void R_04_where_every_place_lies_the_error_names_each_and_why(String how) throws IOException {
        Descriptor layer = image.layer("a", 300_000).layers.getFirst();
        serve();
        for (LyingRegistry one : List.of(first, second, registry)) {
            lie(one, layer, how);
        }
        assertThatThrownBy(this::pull).isInstanceOf(WrongContentException.class)
                .hasMessageContaining("layer 1 of 1, " + layer.digest() + ": ")
                .hasMessageContaining("from " + registry.reference("app").name() + " is wrong: its digest is ")
                .satisfies(e -> assertThat(e.getCause().getSuppressed()).extracting(Throwable::getMessage).satisfiesExactly(
                        one -> assertThat(one).contains("from " + first.reference("app").name() + " is wrong: its digest is "),
                        two -> assertThat(two).contains("from " + second.reference("app").name() + " is wrong: its digest is ")));
        assertThat(store.images()).isEmpty();
        assertThat(store.has(layer)).isFalse();
        assertThat(store.hasLayer(ChainId.of(image.diffIds))).isFalse();
        assertThat(work()).isEmpty();
    }

    /// It is what its digest says, so no other place has another one.
    @Test
    void a_layer_that_is_refused_for_what_it_is_is_not_asked_for_elsewhere() throws IOException {
        byte[] bad = PullTestImage.gzip(new byte[] {1, 2, 3});
        Descriptor layer = image.layer("a", 10).content.add(MediaTypes.OCI_LAYER_GZIP, bad);
        image.layers.set(0, layer);
        image.diffIds.set(0, Digest.of(new byte[] {1, 2, 3}));
        serve();
        assertThatThrownBy(this::pull).isInstanceOf(LayerException.class).hasMessageContaining("layer 1 of 1, " + layer.digest());
        assertThat(events(PullEvent.LayerRetried.class)).isEmpty();
        assertThat(second.seen).isEmpty();
        assertThat(registry.targets()).hasSize(1);
    }

    @Test
    void a_layer_that_the_disk_has_changed_is_fetched_again() throws IOException {
        Descriptor layer = image.layer("a", 300_000).layers.getFirst();
        serve();
        pull();
        List<Path> trees = new ArrayList<>(trees());
        org.dolium.oci.unpack.LayerUnpack.remove(trees.getFirst().getParent());
        Path blob = directory.resolve("store/blobs/sha256/" + layer.digest().hex());
        byte[] right = Files.readAllBytes(blob);
        byte[] wrong = right.clone();
        wrong[150_000] ^= 1;
        Files.write(blob, wrong);
        pull();
        assertThat(events(PullEvent.LayerRetried.class)).singleElement().extracting(PullEvent.LayerRetried::problem).asString()
                .contains("from '" + blob + "' is wrong: its digest is ");
        assertThat(trees().getFirst().resolve("a")).hasBinaryContent(PullTestImage.content("a", 300_000));
        assertThat(blob).hasBinaryContent(right);
    }
}
