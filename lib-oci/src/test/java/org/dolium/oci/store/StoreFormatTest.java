// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is a store, and what is none.
@Tag("kernel")
class StoreFormatTest {
    @TempDir
    Path directory;

    private Path place;

    @BeforeEach
    void make() throws IOException {
        place = directory.resolve("store");
        ImageStore.open(place).close();
    }

    private void refused(String why) {
        assertThatThrownBy(() -> ImageStore.open(place)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void a_newer_store_is_not_touched_and_it_is_said_what_to_do() throws IOException {
        Path mark = place.resolve("dolium-store");
        assertThat(mark).content().startsWith("Dolium image store, version 1\nlayers: ");
        Files.writeString(mark, Files.readString(mark).replace("version 1\n", "version 2\nsomething: new\n"));
        refused("'" + place.toRealPath() + "' is a store of version '2', and this Dolium knows version 1: use the Dolium that wrote it");
        Files.writeString(mark, "something else");
        refused("'dolium-store' in '" + place.toRealPath() + "' is damaged");
        Files.writeString(mark, "");
        refused("is damaged");
    }

    @Test
    void a_directory_with_something_else_is_no_store() throws IOException {
        Files.delete(place.resolve("dolium-store"));
        Files.createDirectory(place.resolve("blobs/sha256"));
        refused("is no store of images, and not empty; images of an OCI layout can be imported into a store");
        Path home = Files.createDirectory(directory.resolve("home"), PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString("rwx------")));
        Files.writeString(home.resolve("f"), "mine");
        assertThatThrownBy(() -> ImageStore.open(home)).hasMessageContaining("is no store of images, and not empty");
        assertThat(home.toFile().list()).containsExactly("f");
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> ImageStore.open(file)).isInstanceOf(IOException.class);
    }

    @Test
    void what_was_killed_while_it_was_made_is_made_anew() throws IOException {
        for (List<String> left : List.of(List.of("dolium-store"), List.of("dolium-store", "index.json"),
                List.of("dolium-store", "index.json", "oci-layout", "layers"), List.of("dolium-store", "lock", "work", "blobs"))) {
            for (String name : left) {
                Files.deleteIfExists(place.resolve(name));
            }
            Files.writeString(place.resolve("dolium-store.new"), "Dol");
            Files.writeString(place.resolve("index.json.new"), "{");
            try (ImageStore store = ImageStore.open(place)) {
                assertThat(store.images()).isEmpty();
                assertThat(store.collect().leftovers()).isZero();
            }
            assertThat(place.toFile().list()).containsExactlyInAnyOrder(
                    "blobs", "dolium-store", "index.json", "layers", "lock", "oci-layout", "work");
        }
    }

    @Test
    void names_that_are_gone_are_not_taken_for_none() throws IOException {
        Files.delete(place.resolve("index.json"));
        try (ImageStore store = ImageStore.open(place)) {
            assertThatThrownBy(store::collect).hasMessageContaining("is damaged: it has no index.json, which has the names");
        }
    }

    @Test
    void the_directory_above_may_be_a_link() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), place);
        try (ImageStore store = ImageStore.open(link)) {
            assertThat(store.directory()).isEqualTo(place.toRealPath());
        }
        assertThat(ImageStore.defaultDirectory().toString()).endsWith("/dolium/images");
    }
}
