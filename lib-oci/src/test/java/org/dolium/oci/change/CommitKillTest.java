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
import java.util.stream.Stream;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.TestImage;
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
import org.dolium.testing.Kills;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commits that are killed at random moments.
@Tag("kernel")
class CommitKillTest {
    private static final int KILLS = 13; // see StoreKillTest
    private static final Platform PLATFORM = Platform.parse("amd64");

    @TempDir
    Path directory;

    /// How many images and blobs the store has.
    private int whole = 1;

    private int blobs;

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

    /// Every blob and every image that can be seen is whole, byte for byte.
    private static int check(Path directory) throws IOException {
        try (ImageStore store = ImageStore.open(directory)) {
            assertThat(store.removeDamaged()).isEmpty();
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
    void U_18_images_are_whole_or_not_there_wherever_a_commit_is_killed() throws Exception {
        Path store = directory.resolve("store");
        Path upper = Files.createDirectory(directory.resolve("upper"));
        Files.writeString(upper.resolve("file"), "x");
        try (ImageStore images = ImageStore.open(store);
                StoreSink sink = images.sink()) {
            ImageCommit.onNothing(PLATFORM).spool(directory).commit(
                    ImageCommit.archive(new ByteArrayInputStream(smallTree(upper))), sink, List.of("base:1"));
        }
        byte[] random = new byte[1 << 20];
        new Random(1).nextBytes(random);
        Files.write(upper.resolve("large"), random);
        Kills.of("commit", KILLS, number -> {
            Files.writeString(upper.resolve("file"), "try " + number); // another layer each time
            return start(store, upper, "made:" + number);
        }, number -> isHalf(store, number));
        try (ImageStore images = ImageStore.open(store)) {
            images.collect();
            assertThat(images.find(ImageReference.parse("base:1"))).isPresent();
        }
        assertThat(check(store)).isEqualTo(whole);
        assertThat(count(store, ".dolium-")).isZero();
        assertThat(count(store.resolve("work"), "")).isZero();
        Process last = start(store, upper, "last:1");
        assertThat(new String(last.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)).contains("done");
        assertThat(check(store)).isEqualTo(whole + 1);
    }

    /// Whether a commit left something, and no image. The image is whole if it is there, and so is another that is pulled then.
    private boolean isHalf(Path directory, int number) throws IOException {
        boolean left = count(directory.resolve("work"), "") + count(directory, ".dolium-") > 0;
        boolean more = count(directory.resolve("blobs/sha256"), "") > blobs;
        int now = check(directory);
        assertThat(now).isBetween(whole, whole + 1);
        boolean half = now == whole && (left || more);
        TestImage next = new TestImage();
        try (ImageStore store = ImageStore.open(directory);
                StoreSink sink = store.sink()) {
            ImageCopy.copy(next, next.image("amd64", 10_000 + number, 7), sink, List.of("pulled:" + number));
        }
        whole = check(directory);
        assertThat(whole).isEqualTo(now + 1);
        blobs = count(directory.resolve("blobs/sha256"), "");
        return half;
    }

    private static int count(Path directory, String prefix) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return (int) names.filter(path -> path.getFileName().toString().startsWith(prefix)).count();
        }
    }
}
