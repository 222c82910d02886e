// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.oci.store.StoreImages.name;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.layout.OciLayout;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a store is for: images come in, have names, are unpacked, used, and go.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ImageStoreTest {
    @TempDir
    Path directory;

    private final StoreImages images = new StoreImages();
    private ImageStore store;

    @BeforeEach
    void open() throws IOException {
        store = ImageStore.open(directory.resolve("a/store"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> walk = Files.walk(store.directory())) {
            return walk.filter(Files::isRegularFile).map(path -> store.directory().relativize(path).toString()).sorted().toList();
        }
    }

    private List<String> work() throws IOException {
        try (Stream<Path> list = Files.list(store.directory().resolve("work"))) {
            return list.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void what_comes_in_is_read_by_name_and_by_digest() throws IOException {
        Descriptor root = images.simple("one", "two");
        images.pull(store, root, "busybox", "example.com:5000/a/b:1");
        assertThat(store.resolve("docker.io/library/busybox:latest")).isEqualTo(root);
        assertThat(store.find(name("example.com:5000/a/b:1"))).contains(root);
        assertThat(store.find(name("busybox@" + root.digest()))).contains(root);
        assertThat(store.find(name("busybox:other"))).isEmpty();
        assertThat(store.find(name("other@" + root.digest()))).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> store.tag(root, name("a@sha256:" + "0".repeat(64))));
        store.tag(root, name("a@" + root.digest()));
        assertThat(store.untag(name("a@" + root.digest()))).isTrue();
        for (Digest digest : images.source.content.keySet()) {
            byte[] bytes = images.source.content.get(digest);
            assertThat(Contents.bytes(store, Descriptor.of("a/b", bytes), 1 << 20)).isEqualTo(bytes);
        }
        assertThat(store.images()).hasSize(1);
        assertThat(store.images().get(0).names()).containsExactly(name("busybox:latest"), name("example.com:5000/a/b:1"));
        assertThat(store.images().get(0)).hasToString("busybox:latest");
        assertThat(work()).isEmpty();
        assertThatThrownBy(() -> store.resolve("nothing")).isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("no image in '" + store.directory() + "' has this name; pull it, or load it");
        assertThatThrownBy(() -> store.resolve("../x")).isInstanceOf(IOException.class).hasMessageContaining("can have the name");
    }

    @Test
    void all_of_it_is_its_users_alone() throws IOException {
        images.pull(store, images.simple("one"), "a");
        StoreImages.unpack(store, store.resolve("a")).close();
        for (String inside : List.of("", "blobs", "blobs/sha256", "layers", "layers/sha256", "work")) {
            assertThat(Files.getPosixFilePermissions(store.directory().resolve(inside))).as(inside)
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void layers_are_unpacked_once_and_held_topmost_first() throws IOException {
        Descriptor root = images.simple("one", "two");
        images.pull(store, root, "a");
        Manifest manifest = store.image(root).manifest(StoreImages.AMD64);
        List<Digest> diffIds = store.config(manifest).diffIds();
        assertThat(store.hasLayer(diffIds.get(0))).isFalse();
        assertThatThrownBy(() -> store.layers(diffIds)).isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("layer 1 of 2 with diff ID " + diffIds.get(0) + " is not unpacked");
        try (LayerLease lease = StoreImages.unpack(store, root)) {
            assertThat(lease.directories().get(0).resolve("d1/f")).hasContent("two");
            assertThat(lease.directories().get(1).resolve("d0/f")).hasContent("one");
            assertThat(Files.getPosixFilePermissions(lease.directories().get(0))).isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
            long inode = (long) Files.getAttribute(lease.directories().get(0), "unix:ino");
            try (LayerLease again = StoreImages.unpack(store, root)) {
                assertThat(again.directories()).isEqualTo(lease.directories());
                assertThat((long) Files.getAttribute(again.directories().get(0), "unix:ino")).isEqualTo(inode);
            }
            assertThat(lease.directories().get(0).resolveSibling("layer"))
                    .hasContent("chain id: " + ChainId.of(diffIds) + "\ndiff id: " + diffIds.get(1) + "\nkind: "
                            + (isRoot() ? "OVERLAY" : "USER_OVERLAY") + "\n");
        }
        assertThat(store.hasLayer(ChainId.of(diffIds))).isTrue();
        assertThat(work()).isEmpty();
    }

    /// The example of the specification's `config.md` has no numbers; these are by sha256sum(1).
    @Test
    void chain_ids_are_those_of_the_specification() {
        Digest a = Digest.parse("sha256:" + "a".repeat(64));
        Digest b = Digest.parse("sha256:" + "b".repeat(64));
        assertThat(ChainId.all(List.of(a))).containsExactly(a);
        assertThat(ChainId.all(List.of(a, b, a))).containsExactly(a, Digest.parse("sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c"), Digest.parse("sha256:406364a4bd8d39df8107071d4494fa73814420337124657ec5999b072e5d3352"));
    }

    @Test
    void of_the_same_layer_unpacked_twice_the_first_is_kept() throws IOException {
        List<Digest> diffIds = List.of(Digest.of(new byte[1]));
        try (LayerStaging one = store.stage(diffIds);
                LayerStaging two = store.stage(diffIds)) {
            Files.writeString(one.directory().resolve("f"), "one");
            Files.writeString(two.directory().resolve("f"), "two");
            assertThat(two.commit()).isTrue();
            assertThat(one.commit()).isFalse();
            try (LayerLease lease = store.layers(diffIds)) {
                assertThat(lease.directories().get(0).resolve("f")).hasContent("two");
            }
        }
        assertThat(work()).isEmpty();
    }

    @Test
    void a_name_moves_and_an_image_without_one_stays_until_it_is_pruned() throws IOException {
        Descriptor one = images.simple("one");
        Descriptor two = images.simple("two");
        images.pull(store, one, "a");
        images.pull(store, two, "a");
        assertThat(store.resolve("a")).isEqualTo(two);
        assertThat(store.images().stream().map(StoredImage::root)).containsExactlyInAnyOrder(one, two);
        assertThat(store.collect()).isEqualTo(new Collected(0, 0, 0, 0, 0));
        store.tag(one, name("b"));
        assertThat(store.prune().blobs()).isZero();
        assertThat(store.untag(name("b"))).isTrue();
        assertThat(store.untag(name("b"))).isFalse();
        assertThat(store.collect().blobs()).isEqualTo(3);
        assertThat(store.images().stream().map(StoredImage::root)).containsExactly(two);
        images.pull(store, one); // no name at all
        assertThat(store.images()).hasSize(2);
        assertThat(store.prune().blobs()).isEqualTo(3);
        assertThat(store.images()).hasSize(1);
    }

    @Test
    void an_image_is_removed_with_all_its_names() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a", "b");
        assertThat(store.remove(root.digest())).isTrue();
        assertThat(store.remove(root.digest())).isFalse();
        assertThat(store.images()).isEmpty();
        assertThat(store.find(name("a"))).isEmpty();
    }

    @Test
    void an_image_that_is_not_complete_gets_no_name_and_it_is_said_what_is_missing() throws IOException {
        Descriptor root = images.simple("one", "two");
        Manifest manifest = (Manifest) Contents.document(images.source, root);
        try (StoreSink sink = store.sink()) {
            assertThatThrownBy(() -> sink.publish(root, List.of("a"))).hasMessageContaining("its manifest " + root.digest());
            sink.put(images.source.open(root));
            sink.put(images.source.open(manifest.layers().get(0)));
            assertThatThrownBy(() -> sink.publish(root, List.of("a"))).isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("is not complete in").hasMessageContaining("the configuration " + manifest.config().digest())
                    .hasMessageContaining("layer 2 of 2, " + manifest.layers().get(1).digest());
            assertThatThrownBy(() -> store.tag(root, name("a"))).isInstanceOf(NoSuchFileException.class);
        }
        assertThat(store.images()).isEmpty();
    }

    @Test
    void of_a_damaged_image_nothing_is_collected_until_the_damage_is_removed() throws IOException {
        Descriptor root = images.simple("one", "two");
        images.pull(store, root, "a");
        Path manifest = store.directory().resolve("blobs/sha256/" + root.digest().hex());
        Files.writeString(manifest, Files.readString(manifest).replace("sha256", "sha257"));
        assertThatThrownBy(() -> store.collect()).isInstanceOf(WrongContentException.class)
                .hasMessageContaining("nobody knows what the image " + root.digest() + " needs").hasMessageContaining("removeDamaged");
        assertThat(files()).hasSize(8);
        assertThat(store.removeDamaged()).containsExactly(root.digest());
        assertThatThrownBy(() -> store.image(root).manifest(StoreImages.AMD64)).isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("pull it for this platform");
        images.pull(store, root, "a");
        assertThat(store.collect()).isEqualTo(new Collected(0, 0, 0, 0, 0));
        StoreImages.unpack(store, root).close();
    }

    @Test
    void an_index_with_one_of_its_images_is_complete_and_of_another_it_is_said_how_to_get_it() throws IOException {
        Descriptor amd64 = images.image("amd64", StoreImages.layer("f", "1"));
        Descriptor arm64 = images.image("arm64", StoreImages.layer("f", "2"));
        Descriptor index = images.source.index(amd64, arm64);
        try (StoreSink sink = store.sink()) {
            sink.put(images.source.open(index));
            assertThatThrownBy(() -> sink.publish(index, List.of("a"))).hasMessageContaining("every image of the index");
            ImageCopy.copy(images.source, amd64.bare(), sink, List.of());
            sink.publish(index, List.of("a"));
        }
        StoredImage image = store.image(store.resolve("a"));
        assertThat(image.select(StoreImages.AMD64)).isEqualTo(amd64);
        assertThatThrownBy(() -> image.manifest(org.dolium.oci.image.Platform.parse("linux/arm64")))
                .isInstanceOf(NoSuchFileException.class).hasMessageContaining("a:latest: its manifest " + arm64.digest())
                .hasMessageContaining("pull it for this platform");
        assertThatThrownBy(() -> image.manifest(org.dolium.oci.image.Platform.parse("linux/s390x")))
                .hasMessageContaining("there is no image for linux/s390x");
        assertThat(store.prune().blobs()).isZero();
    }

    private static Descriptor claimed(String mediaType, Descriptor content, long size) {
        return Descriptor.of(mediaType, content.digest(), size);
    }

    @Test
    void what_an_index_says_of_others_documents_neither_has_them_collected_nor_stops_collections() throws IOException {
        Descriptor victim = images.image("amd64", StoreImages.layer("f", "victim"));
        Descriptor own = images.image("amd64", StoreImages.layer("f", "own"));
        Descriptor manifest = victim.bare();
        Descriptor hostile = images.source.index(own, claimed(MediaTypes.OCI_MANIFEST, manifest, 1),
                claimed(MediaTypes.OCI_INDEX, manifest, manifest.size()),
                claimed(MediaTypes.OCI_MANIFEST, manifest, ImageDocument.LIMIT + 1L));
        try (StoreSink sink = store.sink()) {
            ImageCopy.copy(images.source, own.bare(), sink, List.of());
            sink.put(images.source.open(hostile));
            sink.publish(hostile, List.of("hostile"));
        }
        images.pull(store, images.source.index(victim), "victim");
        StoreImages.unpack(store, victim).close();
        Collected collected = store.collect();
        assertThat(collected.blobs() + collected.layers()).isZero();
        try (LayerLease layers = StoreImages.unpack(store, victim)) {
            assertThat(layers.directories().get(0).resolve("f")).hasContent("victim");
        }
        assertThat(store.usage()).isNotNull();
    }

    /// Overlayfs looks for the mark in directories that it has looked up, and so not in a root.
    @Test
    void layers_below_one_that_hides_all_of_them_are_left_out() throws IOException {
        Descriptor root = images.image(StoreImages.layer("below", "1"), StoreImages.layer(".wh..wh..opq", "", "seen", "2"),
                StoreImages.layer("top", "3"));
        images.pull(store, root, "a");
        try (LayerLease layers = StoreImages.unpack(store, root)) {
            assertThat(layers.directories()).hasSize(2);
            assertThat(layers.directories().get(0).resolve("top")).exists();
            assertThat(layers.directories().get(1).resolve("seen")).exists();
            store.remove(root.digest());
            assertThat(store.collect().inUse()).isEqualTo(3);
        }
    }

    @Test
    void what_is_named_promised_or_in_use_is_not_collected() throws IOException {
        Descriptor one = images.simple("shared", "one");
        Descriptor two = images.simple("shared", "two");
        images.pull(store, one, "one");
        images.pull(store, two, "two");
        StoreImages.unpack(store, two).close();
        try (LayerLease lease = StoreImages.unpack(store, one);
                ImageStore other = ImageStore.open(store.directory())) {
            store.untag(name("one"));
            Collected collected = other.collect();
            assertThat(collected.blobs()).isEqualTo(3); // the layer below is shared
            assertThat(collected.layers()).isZero();
            assertThat(collected.inUse()).isEqualTo(1);
            assertThat(lease.directories().get(0).resolve("d1/f")).hasContent("one");
        }
        Collected then = store.collect();
        assertThat(then.layers()).isEqualTo(1);
        assertThat(then.bytes()).isPositive();
        StoreImages.unpack(store, two).close();
        try (StoreSink sink = store.sink();
                StoreSink third = store.sink()) {
            images.pull(store, one); // layers as blobs
            Manifest manifest = store.image(one).manifest(StoreImages.AMD64);
            assertThat(sink.has(manifest.layers().get(1))).isTrue();
            Digest shared = store.config(manifest).diffIds().get(0);
            assertThat(third.hasLayer(shared)).isTrue();
            store.remove(one.digest());
            store.remove(two.digest());
            store.collect();
            assertThat(store.has(manifest.layers().get(1))).isTrue();
            assertThat(store.has(manifest.layers().get(0))).isFalse();
            assertThat(store.hasLayer(shared)).isTrue();
        }
        store.collect();
        assertThat(files()).containsExactly("dolium-store", "index.json", "lock", "oci-layout");
    }

    @Test
    void the_sizes_are_those_that_du_counts() throws Exception {
        Descriptor one = images.simple("x".repeat(100_000), "one");
        Descriptor two = images.simple("x".repeat(100_000), "two");
        images.pull(store, one, "one");
        images.pull(store, two, "two");
        StoreImages.unpack(store, one).close();
        LayerLease lease = StoreImages.unpack(store, two);
        DiskUsage usage = store.usage();
        assertThat(usage.blobs()).isEqualTo(du("blobs"));
        assertThat(usage.layers()).isEqualTo(du("layers"));
        assertThat(usage.reclaimable()).isZero();
        assertThat(usage.images()).extracting(DiskUsage.ImageUsage::inUse).containsExactly(false, true);
        assertThat(usage.images().get(0).unique() + usage.images().get(1).unique() + usage.shared()).isEqualTo(usage.total());
        assertThat(usage.images().get(0).shared()).isEqualTo(usage.shared()).isGreaterThan(100_000);
        store.untag(name("one"));
        store.untag(name("two"));
        DiskUsage then = store.usage();
        lease.close();
        assertThat(then.images()).isEmpty();
        assertThat(then.reclaimable()).isBetween(1L, then.total() - 100_000); // a lease holds a layer
        long all = store.usage().reclaimable();
        assertThat(all).isEqualTo(usage.total());
        assertThat(store.collect().bytes()).isEqualTo(all);
    }

    /// Without the directories above, which are there in an empty store.
    private long du(String what) throws Exception {
        Process du = new ProcessBuilder("sh", "-c", "du -scB1 */* | tail -1 | cut -f1").directory(
                store.directory().resolve(what).toFile()).redirectErrorStream(true).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).trim());
    }

    @Test
    void a_layout_is_imported_without_copies_under_names_that_the_user_gives() throws IOException {
        Descriptor root = images.simple("one", "two");
        Path layout = directory.resolve("layout");
        try (var sink = OciLayout.write(layout)) {
            ImageCopy.copy(images.source, root, sink, List.of("nginx:latest"));
        }
        assertThat(store.importLayout(layout, "", List.of(name("mine")))).isEqualTo(root);
        assertThat(store.images().get(0).names()).containsExactly(name("mine:latest"));
        List<Object> links = new ArrayList<>();
        for (Descriptor part : store.image(root).manifest(StoreImages.AMD64).parts()) {
            Path blob = store.directory().resolve("blobs/sha256/" + part.digest().hex());
            links.add(Files.getAttribute(blob, "unix:nlink"));
        }
        assertThat(links).containsOnly(2);
        StoreImages.unpack(store, root).close();
        assertThat(work()).isEmpty();
        store.remove(root.digest());
        store.collect();
        assertThat(OciLayout.names(layout)).containsExactly("docker.io/library/nginx:latest");
        try (var source = OciLayout.read(layout)) {
            Contents.document(source, source.resolve(""));
        }
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return isRoot() ? PlainUser.run(ImageStoreTest.class) : List.of(DynamicTest.dynamicTest("it is one", () -> {}));
    }

    private static boolean isRoot() {
        return ProcessStatus.self().effectiveUid() == 0;
    }
}
