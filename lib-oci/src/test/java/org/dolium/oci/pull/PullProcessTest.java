// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.registry.LyingRegistry;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pulls in JVMs that are killed.
@Tag("kernel")
class PullProcessTest {
    private static final int SIZE = 6_000_000;
    private static final int LAYERS = 4;

    @TempDir
    Path directory;

    private final PullTestImage image = new PullTestImage();

    private Process start(Path store, ImageReference name) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                PullMain.class.getName(), store.toString(), name.toString()).redirectErrorStream(true).start();
    }

    /// Waits until the pull has begun.
    private static BufferedReader begun(Process process) throws IOException {
        BufferedReader output = process.inputReader();
        assertThat(output.readLine()).isEqualTo("begun");
        return output;
    }

    /// Whatever is visible in the store is whole.
    ///
    /// @return whether something was there, and not all
    private boolean check(Path directory, ImageReference name) throws IOException {
        List<Digest> chain = ChainId.all(image.diffIds);
        int there = 0;
        try (ImageStore store = ImageStore.open(directory)) {
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
            Path whole = directory.resolve("whole");
            Process first = start(whole, name);
            BufferedReader output = begun(first);
            long begun = System.nanoTime();
            assertThat(output.readLine()).isEqualTo("done");
            long time = System.nanoTime() - begun;
            check(whole, name);
            Random random = new Random(3);
            long end = System.nanoTime() + 60_000_000_000L; // a slow machine does fewer
            int half = 0;
            for (int i = 0; i < 50 && (System.nanoTime() < end || i < 4); i++) {
                Path store = directory.resolve("store" + i / 2); // each second pull finds what the one before has left
                Process process = start(store, name);
                begun(process);
                Thread.sleep(Duration.ofNanos(random.nextLong(time)));
                process.destroyForcibly().waitFor();
                half += check(store, name) ? 1 : 0;
                if (i % 2 == 1) {
                    complete(store, name);
                }
            }
            assertThat(half).isPositive(); // else it was never killed in between
        }
    }

    private void complete(Path directory, ImageReference name) throws Exception {
        Process last = start(directory, name);
        assertThat(begun(last).readLine()).isEqualTo("done");
        last.waitFor();
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
