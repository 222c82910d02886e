// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.store.StoredImage;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commits that are killed at random moments.
@Tag("kernel")
class CommitKillTest {
    private static final Platform PLATFORM = Platform.parse("amd64");

    @TempDir
    Path directory;

    @AfterEach
    void remove() throws IOException {
        LayerUnpack.remove(directory.resolve("store"));
    }

    private Process start(Path store, Path upper, String name) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + directory, "-cp",
                System.getProperty("java.class.path"), CommitMain.class.getName(), store.toString(), upper.toString(), name)
                .redirectErrorStream(true).start();
    }

    /// Every image that can be seen is whole, byte for byte.
    private static int check(Path directory) throws IOException {
        try (ImageStore store = ImageStore.open(directory)) {
            List<StoredImage> images = store.images();
            for (StoredImage image : images) {
                Manifest manifest = image.manifest(PLATFORM);
                assertThat(store.config(manifest).diffIds()).hasSameSizeAs(manifest.layers());
                for (Descriptor part : manifest.parts()) {
                    try (VerifiedStream content = store.open(part)) {
                        content.readAllBytes();
                        assertThat(content.isVerified()).isTrue();
                    }
                }
            }
            return images.size();
        }
    }

    private static byte[] smallTree(Path upper) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        LayerPack.export(List.of(upper), PackPolicy.of(PackPolicy.Kind.PLAIN, new Owners.Kept()), tar);
        return tar.toByteArray();
    }

    @Test
    void images_are_whole_or_not_there_wherever_a_commit_is_killed() throws Exception {
        Path store = directory.resolve("store");
        Path upper = Files.createDirectory(directory.resolve("upper"));
        Files.writeString(upper.resolve("file"), "x");
        try (ImageStore images = ImageStore.open(store);
                StoreSink sink = images.sink()) {
            ImageCommit.onNothing(PLATFORM).spool(directory).commit(
                    ImageCommit.archive(new ByteArrayInputStream(smallTree(upper))), sink, List.of("base:1"));
        }
        byte[] random = new byte[3 << 20];
        new Random(1).nextBytes(random);
        Files.write(upper.resolve("large"), random);
        Process first = start(store, upper, "first:1");
        long begun = begun(first);
        assertThat(first.waitFor()).isZero();
        long time = System.nanoTime() - begun;
        int whole = check(store);
        assertThat(whole).isEqualTo(2);
        int killed = 0;
        Random moments = new Random(5);
        long end = System.nanoTime() + 90_000_000_000L; // a slow machine does fewer
        for (int i = 0; i < 50 && System.nanoTime() < end; i++) {
            Files.writeString(upper.resolve("file"), "try " + i); // another layer each time
            Process process = start(store, upper, "made:" + i);
            begun(process);
            Thread.sleep(java.time.Duration.ofNanos(moments.nextLong(time)));
            process.destroyForcibly().waitFor();
            int now = check(store);
            assertThat(now).isBetween(whole, whole + 1);
            killed += now == whole ? 1 : 0;
            whole = now;
        }
        assertThat(killed).isGreaterThan(5); // else it was never killed in between
        try (ImageStore images = ImageStore.open(store)) {
            images.collect();
            assertThat(images.find(ImageReference.parse("base:1"))).isPresent();
        }
        assertThat(check(store)).isEqualTo(whole);
        try (var names = Files.list(store)) {
            assertThat(names.map(path -> path.getFileName().toString()).filter(name -> name.startsWith(".dolium-"))).isEmpty();
        }
        Process last = start(store, upper, "last:1");
        assertThat(new String(last.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)).contains("done");
        assertThat(check(store)).isEqualTo(whole + 1);
    }

    /// When a JVM has begun to commit.
    private static long begun(Process process) throws IOException {
        process.getOutputStream().close();
        StringBuilder line = new StringBuilder();
        for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; c = process.getInputStream().read()) {
            line.append((char) c);
        }
        assertThat(line).hasToString("begins");
        return System.nanoTime();
    }
}
