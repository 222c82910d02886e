// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.oci.store.StoreImages.name;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.layout.OciLayout;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Images of other layouts come into a store, by links where that is safe.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ImportTest {
    @TempDir
    Path directory;

    private final StoreImages images = new StoreImages();
    private ImageStore store;
    private Path layout;
    private Descriptor root;
    private Manifest manifest;

    @BeforeEach
    void make() throws IOException {
        store = ImageStore.open(directory.resolve("store"));
        root = images.simple("one", "two");
        manifest = (Manifest) Contents.document(images.source, root);
        layout = write(OciLayout.write(directory.resolve("layout")), directory.resolve("layout"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Path write(ImageSink sink, Path path) throws IOException {
        try (sink) {
            ImageCopy.copy(images.source, root, sink, List.of("latest"));
            sink.finish();
        }
        return path;
    }

    private Path blob(Path place, Descriptor part) {
        return place.resolve("blobs/sha256/" + part.digest().hex());
    }

    private TreeSet<Integer> links() throws IOException {
        TreeSet<Integer> links = new TreeSet<>();
        for (Descriptor part : manifest.parts()) {
            links.add((Integer) Files.getAttribute(blob(store.directory(), part), "unix:nlink"));
        }
        return links;
    }

    private void imported() throws IOException {
        assertThat(store.importLayout(layout, "latest", List.of(name("a")))).isEqualTo(root);
        for (Descriptor part : manifest.parts()) {
            Contents.bytes(store, part, 1 << 20);
        }
        StoreImages.unpack(store, root).close();
        clean();
    }

    private void clean() throws IOException {
        try (Stream<Path> work = Files.list(store.directory().resolve("work"))) {
            assertThat(work).isEmpty();
        }
    }

    @Test
    void files_get_a_second_name() throws IOException {
        imported();
        assertThat(links()).containsExactly(2);
        assertThat(store.usage().reclaimable()).isZero();
    }

    @Test
    void an_archive_is_copied() throws IOException {
        layout = write(OciLayout.writeArchive(directory.resolve("image.tar")), directory.resolve("image.tar"));
        imported();
        assertThat(links()).containsExactly(1);
    }

    @Test
    void another_file_system_is_copied_from() throws IOException {
        Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "layout");
        try {
            layout = write(OciLayout.write(elsewhere), elsewhere);
            assertThat(Files.getFileStore(elsewhere)).isNotEqualTo(Files.getFileStore(store.directory()));
            imported();
            assertThat(links()).containsExactly(1);
        } finally {
            org.dolium.oci.unpack.LayerUnpack.remove(elsewhere);
        }
    }

    /// Whoever can write to a file could change it in the store.
    @Test
    void what_others_can_write_to_is_copied() throws IOException {
        for (Descriptor part : manifest.parts()) {
            if (ProcessStatus.self().effectiveUid() == 0) {
                Files.setAttribute(blob(layout, part), "unix:uid", PlainUser.UID);
            } else {
                Files.setPosixFilePermissions(blob(layout, part), PosixFilePermissions.fromString("rw-rw-r--"));
            }
        }
        imported();
        assertThat(links()).containsExactly(1);
    }

    @Test
    void what_is_wrong_does_not_come_in() throws IOException {
        Path layer = blob(layout, manifest.layers().get(1));
        byte[] bytes = Files.readAllBytes(layer);
        bytes[9] ^= 1;
        Files.write(layer, bytes);
        assertThatThrownBy(() -> store.importLayout(layout, "", List.of(name("a")))).isInstanceOf(WrongContentException.class)
                .hasMessageContaining("its digest is");
        assertThat(store.images()).isEmpty();
        assertThat(store.has(manifest.layers().get(1))).isFalse();
        clean();
        assertThat(store.collect().blobs()).isEqualTo(2);
    }

    @Test
    void links_in_a_layout_are_not_followed() throws IOException {
        Path layer = blob(layout, manifest.layers().get(1));
        Path away = Files.move(layer, directory.resolve("away"));
        Files.createSymbolicLink(layer, away);
        assertThatThrownBy(() -> store.importLayout(layout, "", List.of(name("a")))).isInstanceOf(IOException.class);
        assertThat(store.has(manifest.layers().get(1))).isFalse();
        clean();
    }

    /// The layout's owner may change a file whose second name is in the store: that is found.
    @Test
    void a_change_of_a_linked_file_is_found_when_it_is_read() throws IOException {
        assertThat(store.importLayout(layout, "", List.of(name("a")))).isEqualTo(root);
        byte[] bytes = Files.readAllBytes(blob(layout, manifest.layers().get(1)));
        bytes[9] ^= 1;
        Files.write(blob(layout, manifest.layers().get(1)), bytes);
        assertThatThrownBy(() -> StoreImages.unpack(store, root)).isInstanceOf(WrongContentException.class);
    }
}
