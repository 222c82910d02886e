// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.oci.store.StoreImages.name;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Manifest;
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

/// What content and others on the host try with a store.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StoreSecurityTest {
    @TempDir
    Path directory;

    private final StoreImages images = new StoreImages();
    private ImageStore store;
    private Path place;

    @BeforeEach
    void open() throws IOException {
        store = ImageStore.open(directory.resolve("store"));
        place = store.directory();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private List<String> names(String inside) throws IOException {
        Path path = place.resolve(inside);
        if (!Files.exists(path)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(path)) {
            return list.map(one -> one.getFileName().toString()).sorted().toList();
        }
    }

    private Path blob(Digest digest) {
        return place.resolve("blobs/" + digest.algorithm() + "/" + digest.hex());
    }

    private void index(String content) throws IOException {
        Files.move(Files.writeString(directory.resolve("index"), content), place.resolve("index.json"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isRoot() {
        return ProcessStatus.self().effectiveUid() == 0;
    }

    @Test
    void R_03_a_digest_that_is_a_path_leads_nowhere() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        String good = Files.readString(place.resolve("index.json"));
        for (String evil : List.of("sha256:../../../etc/passwd", "sha256:" + root.digest().hex().toUpperCase(java.util.Locale.ROOT),
                "sha256:" + root.digest().hex().substring(1), "md5:" + "a".repeat(32), "sha1:" + "a".repeat(40), "sha256:" + "a".repeat(63) + "/")) {
            assertThatThrownBy(() -> Digest.parse(evil)).isInstanceOf(IllegalArgumentException.class);
            index(good.replace(root.digest().toString(), evil));
            assertThatThrownBy(() -> store.resolve("a")).isInstanceOf(IOException.class).hasMessageContaining("index.json' is damaged");
            assertThatThrownBy(() -> store.collect()).hasMessageContaining("index.json' is damaged");
        }
        index(good);
        assertThat(store.resolve("a")).isEqualTo(root);
        assertThat(names("blobs/sha256")).hasSize(3);
    }

    @Test
    void R_04_content_that_is_wrong_is_never_visible_and_the_next_try_is_clean() throws IOException {
        byte[] good = "good content".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Descriptor expected = Descriptor.of("a/b", good);
        byte[] other = "evil content".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (StoreSink sink = store.sink()) {
            for (byte[] wrong : List.of(other, new byte[0], java.util.Arrays.copyOf(good, 5), java.util.Arrays.copyOf(good, 13))) {
                assertThatThrownBy(() -> sink.put(stream(wrong, expected))).isInstanceOf(WrongContentException.class);
                assertThat(names("blobs/sha256")).isEmpty();
                assertThat(names("work")).allMatch(name -> name.startsWith("session-"));
                assertThat(sink.has(expected)).isFalse();
            }
            sink.put(stream(good, expected));
            assertThat(sink.has(expected)).isTrue();
        }
        assertThat(Contents.bytes(store, expected, 100)).isEqualTo(good);
    }

    @Test
    void R_04_content_that_changed_on_the_disk_is_found_and_can_be_had_anew() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        Manifest manifest = store.image(root).manifest(StoreImages.AMD64);
        Path layer = blob(manifest.layers().get(0).digest());
        byte[] bytes = Files.readAllBytes(layer);
        bytes[20] ^= 1;
        Files.write(layer, bytes);
        assertThatThrownBy(() -> StoreImages.unpack(store, root)).isInstanceOf(WrongContentException.class);
        assertThat(names("layers/sha256")).isEmpty();
        assertThat(names("work")).isEmpty();
        assertThat(store.removeDamaged()).containsExactly(manifest.layers().get(0).digest());
        assertThat(store.removeDamaged()).isEmpty();
        images.pull(store, root, "a");
        StoreImages.unpack(store, root).close();
    }

    @Test
    void R_04_without_the_control_wrong_content_is_taken() throws IOException {
        Descriptor expected = Descriptor.of("a/b", new byte[] {1});
        try (StoreSink sink = store.sink();
                Work.File work = Work.file(store.files(), Work.BLOB)) {
            work.file().output().write(2);
            sink.show(work, expected.digest()); // as if it had been verified
            assertThat(sink.has(expected)).isTrue();
        }
        assertThatThrownBy(() -> Contents.bytes(store, expected, 100)).isInstanceOf(WrongContentException.class);
    }

    private static VerifiedStream stream(byte[] content, Descriptor expected) {
        return new VerifiedStream(new ByteArrayInputStream(content), expected, "a test");
    }

    @Test
    void R_08_content_names_nothing() throws IOException {
        Descriptor mine = images.simple("mine");
        images.pull(store, mine, "nginx");
        Descriptor evil = images.simple("evil");
        Path layout = directory.resolve("layout");
        try (var sink = OciLayout.write(layout)) {
            ImageCopy.copy(images.source, evil, sink, List.of("docker.io/library/nginx:latest"));
        }
        store.importLayout(layout, "", List.of(name("imported")));
        store.importLayout(layout, "docker.io/library/nginx:latest", List.of());
        Descriptor named = evil.withAnnotations(java.util.Map.of("org.opencontainers.image.ref.name", "nginx",
                "io.containerd.image.name", "docker.io/library/nginx:latest"));
        images.pull(store, named, "pulled"); // by a descriptor that calls itself something
        images.pull(store, named);
        store.tag(named, name("tagged"));
        assertThat(store.resolve("nginx")).isEqualTo(mine);
        assertThat(store.image(evil).names()).containsExactly(name("imported:latest"), name("pulled:latest"), name("tagged:latest"));
    }

    @Test
    void R_08_without_the_control_a_descriptor_names_itself() throws IOException {
        Descriptor evil = images.simple("evil").withAnnotations(java.util.Map.of("io.containerd.image.name", "docker.io/library/nginx:latest"));
        images.pull(store, evil, "pulled");
        StoreIndex index = store.files().index();
        Work.replace(store.files(), StoreFiles.INDEX, // as it would be if its annotations were kept
                org.dolium.oci.image.Index.of(List.of(evil)).toJson());
        assertThat(store.find(name("nginx"))).isPresent();
        assertThat(index.find(name("nginx"))).isNull();
    }

    @Test
    void R_08_the_type_of_a_blob_is_that_of_its_use() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        Descriptor asIndex = Descriptor.of(org.dolium.oci.image.MediaTypes.OCI_INDEX, root.digest(), root.size());
        assertThatThrownBy(() -> store.tag(asIndex, name("b"))).isInstanceOf(WrongContentException.class);
        assertThat(store.find(name("b"))).isEmpty();
    }

    /// Of two who write the same blob at once, one from a server that lies.
    @Test
    void R_20_writers_of_one_blob_do_not_meet() throws Exception {
        byte[] good = new byte[1 << 20];
        java.util.Arrays.fill(good, (byte) 'g');
        byte[] bad = good.clone();
        bad[bad.length - 1] = 'b';
        Descriptor expected = Descriptor.of("a/b", good);
        try (ExecutorService threads = Executors.newFixedThreadPool(2);
                StoreSink one = store.sink();
                StoreSink two = store.sink()) {
            for (int i = 0; i < 10; i++) {
                CyclicBarrier both = new CyclicBarrier(2);
                Future<?> liar = threads.submit(() -> {
                    both.await();
                    assertThatThrownBy(() -> two.put(slowly(bad, expected))).isInstanceOf(WrongContentException.class);
                    return null;
                });
                both.await();
                one.put(slowly(good, expected));
                liar.get();
                assertThat(Contents.bytes(store, expected, 1 << 20)).isEqualTo(good);
                assertThat(names("blobs/sha256")).hasSize(1);
                Files.delete(blob(expected.digest()));
            }
        }
    }

    private static VerifiedStream slowly(byte[] content, Descriptor expected) {
        return new VerifiedStream(new InputStream() {
            private final InputStream all = new ByteArrayInputStream(content);

            @Override
            public int read() throws IOException {
                return all.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                Thread.yield();
                return all.read(bytes, offset, Math.min(length, 1 << 14));
            }
        }, expected, "a test");
    }

    private void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void J_01_links_in_place_of_what_a_store_has_are_refused() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        StoreImages.unpack(store, root).close();
        Manifest manifest = store.image(root).manifest(StoreImages.AMD64);
        List<Digest> diffIds = store.config(manifest).diffIds();
        for (String inside : List.of("blobs/sha256/" + root.digest().hex(), "blobs/sha256", "blobs", "index.json", "lock", "oci-layout",
                "dolium-store", "work", "layers/sha256/" + ChainId.of(diffIds).hex(), "layers/sha256", "layers",
                "layers/sha256/" + ChainId.of(diffIds).hex() + "/tree")) {
            Path path = place.resolve(inside);
            Path away = directory.resolve("away");
            Files.move(path, away);
            Files.createSymbolicLink(path, away);
            if (!inside.equals("oci-layout")) { // which only other tools read
                refused(() -> use(root, diffIds), inside.endsWith("/tree") ? "has no directory 'tree'" : "is a symbolic link or no directory");
            }
            Files.delete(path);
            Files.move(away, path);
            use(root, diffIds);
        }
    }

    @Test
    void J_01_without_the_control_links_are_followed() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        Path away = Files.move(blob(root.digest()), directory.resolve("away"));
        Files.createSymbolicLink(blob(root.digest()), away);
        assertThat(Files.readAllBytes(blob(root.digest()))).isEqualTo(images.source.content.get(root.digest()));
    }

    /// All that opens something, by a new object.
    private void use(Descriptor root, List<Digest> diffIds) throws IOException {
        try (ImageStore fresh = ImageStore.open(place)) {
            assertThat(fresh.resolve("a")).isEqualTo(root);
            Contents.document(fresh, root);
            fresh.layers(diffIds).close();
            fresh.usage();
        }
    }

    @Test
    void J_01_what_waits_forever_is_not_opened() throws Exception {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        for (Path path : List.of(blob(root.digest()), place.resolve("index.json"), place.resolve("lock"), place.resolve("dolium-store"))) {
            Path away = Files.move(path, directory.resolve("away"));
            assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
            refused(() -> use(root, List.of(Digest.of(new byte[0]))), "is no regular file");
            Files.move(away, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void J_01_a_directory_that_others_can_enter_or_change_is_refused() throws IOException {
        images.pull(store, images.simple("one"), "a");
        for (String inside : List.of("", "work", "blobs", "blobs/sha256")) {
            Path path = place.resolve(inside);
            for (String mode : List.of("rwxrwxrwx", "rwxr-x---", "rwx-----x")) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
                refused(() -> {
                    try (ImageStore fresh = ImageStore.open(place)) {
                        Contents.document(fresh, fresh.resolve("a"));
                    }
                }, "can be entered by others, its mode is 0");
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
        }
        Path blob = blob(store.resolve("a").digest());
        Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("rw-rw-rw-"));
        refused(() -> Contents.document(store, store.resolve("a")), "somebody else changed the store");
    }

    @Test
    void J_01_a_store_of_somebody_else_is_refused() throws IOException {
        if (!isRoot()) {
            refused(() -> ImageStore.open(Path.of("/root")), "each user has a store of their own");
            return;
        }
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        for (String inside : List.of("", "work", "blobs", "blobs/sha256")) {
            Files.setAttribute(place.resolve(inside), "unix:uid", PlainUser.UID);
            refused(() -> use(root, List.of()), "belongs to uid " + PlainUser.UID + ", and this JVM has uid 0");
            Files.setAttribute(place.resolve(inside), "unix:uid", 0);
        }
        Files.setAttribute(blob(root.digest()), "unix:uid", PlainUser.UID); // as a hard link to somebody's file
        refused(() -> Contents.document(store, root), "belongs to uid " + PlainUser.UID);
    }

    @Test
    void J_01_layers_of_another_kind_of_user_are_refused() throws IOException {
        Path mark = place.resolve("dolium-store");
        String text = Files.readString(mark);
        Files.writeString(mark, text.contains("USER_") ? text.replace("USER_", "") : text.replace("OVERLAY", "USER_OVERLAY"));
        refused(() -> ImageStore.open(place), "layers of another kind of user");
    }

    @Test
    void J_01_a_directory_that_was_replaced_while_it_was_open_is_refused() throws IOException {
        Descriptor root = images.simple("one");
        images.pull(store, root, "a");
        LayerLease lease = StoreImages.unpack(store, root);
        lease.close();
        List<Digest> diffIds = store.config(store.image(root).manifest(StoreImages.AMD64)).diffIds();
        Files.move(place, directory.resolve("away"));
        copy(directory.resolve("away"), place);
        refused(() -> store.layers(diffIds), "was replaced by another directory while it was in use");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /// Collecting removes links, and not what they lead to.
    @Test
    void J_01_a_link_among_rubbish_is_removed_alone() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("f"), "mine");
        Files.createSymbolicLink(place.resolve("work/layer-1"), outside);
        Files.createDirectory(place.resolve("work/layer-2"));
        Files.createSymbolicLink(place.resolve("work/layer-2/tree"), outside);
        Files.createSymbolicLink(place.resolve("work/blob-1"), outside.resolve("f"));
        assertThat(store.collect().leftovers()).isEqualTo(3);
        assertThat(outside.resolve("f")).hasContent("mine");
        assertThat(names("work")).isEmpty();
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return isRoot() ? PlainUser.run(StoreSecurityTest.class) : List.of(DynamicTest.dynamicTest("it is one", () -> {}));
    }
}
