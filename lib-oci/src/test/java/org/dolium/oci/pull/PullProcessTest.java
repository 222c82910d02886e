// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.registry.LyingRegistry;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.dolium.testing.Kills;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls in JVMs that are killed.
@Tag("kernel")
class PullProcessTest {
    private static final int SIZE = 2_000_000;
    private static final int LAYERS = 4;
    private static final int KILLS = 13; // see StoreKillTest

    @TempDir
    Path directory;

    private final PullTestImage image = new PullTestImage();

    private Process start(Path store, ImageReference name) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                PullMain.class.getName(), store.toString(), name.toString()).redirectErrorStream(true).start();
    }

    /// Whatever is visible in the store is whole.
    ///
    /// @return whether something was there, and not all
    private boolean check(Path directory, ImageReference name) throws IOException {
        List<Digest> chain = ChainId.all(image.diffIds);
        int there = 0;
        try (ImageStore store = ImageStore.open(directory)) {
            assertThat(store.removeDamaged()).isEmpty();
            for (int i = 0; i < LAYERS; i++) {
                Path file = directory.resolve("layers/sha256/" + chain.get(i).hex() + "/tree/f" + i);
                if (store.hasLayer(chain.get(i))) {
                    there++;
                    assertThat(Files.readAllBytes(file)).isEqualTo(PullTestImage.content("f" + i, SIZE));
                }
                Descriptor layer = image.layers.get(i);
                if (store.has(layer)) {
                    there++;
                    try (VerifiedStream blob = store.open(layer)) {
                        blob.transferTo(java.io.OutputStream.nullOutputStream());
                        assertThat(blob.isVerified()).isTrue();
                    }
                }
            }
            if (store.find(name).isPresent()) {
                assertThat(there).isEqualTo(2 * LAYERS);
            }
        }
        return there > 0 && there < 2 * LAYERS;
    }

    @Test
    void U_18_a_pull_completes_what_a_killed_one_has_left() throws Exception {
        for (int i = 0; i < LAYERS; i++) {
            image.layer("f" + i, SIZE);
        }
        try (LyingRegistry registry = new LyingRegistry()) {
            registry.addAll(image.content, image.manifest(), "1");
            ImageReference name = registry.reference("app").withTag("1");
            Kills.of("pull", KILLS, number -> start(directory.resolve("store" + number), name), number -> {
                Path store = directory.resolve("store" + number);
                boolean half = isAtWork(store) | check(store, name);
                complete(store, name);
                return half;
            });
        }
    }

    /// Whether a blob or a layer is there that can't be seen.
    private static boolean isAtWork(Path store) throws IOException {
        if (!Files.exists(store.resolve("work"))) {
            return false;
        }
        try (Stream<Path> work = Files.list(store.resolve("work"))) {
            return work.anyMatch(path -> path.getFileName().toString().matches("(blob|layer)-.*"));
        }
    }

    private void complete(Path directory, ImageReference name) throws Exception {
        try (RegistryClient client = RegistryClient.builder().build();
                ImageStore store = ImageStore.open(directory);
                ImagePull pull = ImagePull.from(client.repository(name), store).as(name).platform(Platform.parse("linux/amd64")).build()) {
            pull.run(name.version());
        }
        check(directory, name);
        try (ImageStore store = ImageStore.open(directory)) {
            assertThat(store.find(name)).isPresent();
            store.collect();
        }
        try (Stream<Path> work = Files.list(directory.resolve("work"))) {
            assertThat(work).isEmpty();
        }
        check(directory, name);
    }
}
