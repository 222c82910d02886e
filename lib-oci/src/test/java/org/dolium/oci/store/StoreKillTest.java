// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.testing.Kills;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Stores whose JVM is killed while it unpacks layers, or collects what nobody needs. Pulls and commits are killed in
/// `PullProcessTest` and `CommitKillTest`.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StoreKillTest {
    private static final int KILLS = 13; // of 50 and more in all
    private static final int LAYERS = 4;
    private static final int FILES = 150;

    @TempDir
    Path directory;

    private final StoreImages images = new StoreImages();
    private final List<Digest> diffIds = new ArrayList<>();

    /// An image with layers of many files, which take a moment to write and to remove.
    private Descriptor image(int number) throws IOException {
        byte[][] layers = new byte[LAYERS][];
        for (int i = 0; i < LAYERS; i++) {
            List<String> files = new ArrayList<>(List.of("d" + i + "/", "", "d" + i + "/f", StoreMain.content(number + i)));
            for (int file = 0; file < FILES; file++) {
                files.addAll(List.of("d" + i + "/g" + file, "x"));
            }
            layers[i] = StoreImages.layer(files.toArray(String[]::new));
            diffIds.add(Digest.of(layers[i]));
        }
        return images.image(layers);
    }

    private static Process start(Class<?> main, Path place) throws IOException {
        return new ProcessBuilder(StoreProcesses.command(main, place.toString())).redirectErrorStream(true).start();
    }

    /// The image's layers that can be seen, all of which are whole.
    private int layers(Path place) throws IOException {
        int there = 0;
        for (int i = 0; i < LAYERS; i++) {
            Path layer = place.resolve("layers/sha256/" + ChainId.of(diffIds.subList(0, i + 1)).hex());
            if (Files.exists(layer)) {
                there++;
                assertThat(StoreProcesses.names(layer.resolve("tree/d" + i))).hasSize(FILES + 1);
            }
        }
        return there;
    }

    private static boolean hasWork(Path place, String kind) throws IOException {
        return StoreProcesses.names(place.resolve("work")).stream().anyMatch(name -> name.startsWith(kind));
    }

    @Test
    @Timeout(600)
    void U_18_a_store_is_consistent_wherever_the_unpacking_of_an_image_is_killed() throws Exception {
        Path place = directory.resolve("store");
        Descriptor root = image(900);
        Kills.of("unpack", KILLS, number -> {
            try (ImageStore store = ImageStore.open(place)) {
                store.remove(root.digest());
                store.collect();
                images.pull(store, root, "image");
            }
            assertThat(layers(place)).isZero();
            return start(UnpackMain.class, place);
        }, number -> {
            int there = layers(place);
            boolean half = hasWork(place, Work.LAYER) || there > 0 && there < LAYERS;
            StoreProcesses.consistent(place, "after unpacking " + number);
            assertThat(layers(place)).isEqualTo(there);
            try (ImageStore store = ImageStore.open(place)) { // what is missing is made
                StoreImages.unpack(store, root).close();
            }
            assertThat(layers(place)).isEqualTo(LAYERS);
            return half;
        });
    }

    @Test
    @Timeout(600)
    void U_18_a_store_is_consistent_wherever_a_collection_is_killed() throws Exception {
        Path place = directory.resolve("store");
        Descriptor kept = StoreMain.image(images, 1);
        Descriptor rubbish = image(900);
        Kills.of("collect", KILLS, number -> {
            try (ImageStore store = ImageStore.open(place)) {
                images.pull(store, kept, "i1");
                images.pull(store, rubbish, "rubbish");
                StoreImages.unpack(store, rubbish).close();
                store.remove(rubbish.digest());
            }
            assertThat(layers(place)).isEqualTo(LAYERS);
            return start(CollectMain.class, place);
        }, number -> {
            int there = layers(place);
            boolean half = hasWork(place, Work.TRASH) || there > 0 && there < LAYERS;
            StoreProcesses.consistent(place, "after collection " + number);
            assertThat(layers(place)).isZero();
            try (ImageStore store = ImageStore.open(place);
                    LayerLease lease = StoreImages.unpack(store, store.find(StoreImages.name("i1")).orElseThrow())) {
                StoreMain.check(lease, 1);
            }
            return half;
        });
    }

    /// Only unpacks.
    public static final class UnpackMain {
        private UnpackMain() {}

        public static void main(String[] args) throws Exception {
            try (ImageStore store = ImageStore.open(Path.of(args[0]))) {
                Descriptor root = store.find(StoreImages.name("image")).orElseThrow();
                System.out.println("begins");
                StoreImages.unpack(store, root).close();
                System.out.println("done");
            }
        }
    }

    /// Only collects.
    public static final class CollectMain {
        private CollectMain() {}

        public static void main(String[] args) throws Exception {
            try (ImageStore store = ImageStore.open(Path.of(args[0]))) {
                System.out.println("begins");
                store.collect();
                System.out.println("done");
            }
        }
    }
}
