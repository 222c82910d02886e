// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Stores that several JVMs use, which are killed or out of space.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StoreProcessTest {
    private static final int KILLS = 50;

    @TempDir
    Path directory;

    private final StoreImages images = new StoreImages();
    private volatile Throwable failure;

    private static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=deny",
                "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(Path store, long seed, long seconds) throws IOException {
        return new ProcessBuilder(command(StoreMain.class, store.toString(), "" + seed, "" + seconds)).redirectErrorStream(true).start();
    }

    private static List<String> names(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(directory)) {
            return names.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /// A line of the output, which ends with the process.
    private static void await(Process process, String line) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (int c = process.getInputStream().read(); c >= 0; c = process.getInputStream().read()) {
            seen.append((char) c);
            if (seen.toString().contains(line + "\n")) {
                return;
            }
        }
        throw new AssertionError("it said: " + seen);
    }

    @Test
    @Timeout(240)
    void U_18_a_store_is_consistent_wherever_its_jvm_is_killed() throws Exception {
        Path place = directory.resolve("store");
        Random random = new Random(18);
        int left = 0;
        int kills = 0;
        long end = System.nanoTime() + 150_000_000_000L; // a slow machine does fewer
        for (; kills < KILLS && System.nanoTime() < end; kills++) {
            Process process = start(place, kills, 60);
            await(process, "ready");
            Thread.sleep(Duration.ofMillis(random.nextLong(300)));
            process.destroyForcibly().waitFor();
            process.getInputStream().close();
            left += names(place.resolve("work")).isEmpty() ? 0 : 1;
            consistent(place, "after kill " + kills);
        }
        assertThat(left).as("kills of " + kills + " that left something").isGreaterThan(kills / 5); // else they were at no interesting moment
    }

    /// Everything that is visible is whole, and the next operations do what they should.
    private void consistent(Path place, String when) throws IOException {
        try (ImageStore store = ImageStore.open(place)) {
            whole(store, when);
            store.collect();
            assertThat(names(place.resolve("work"))).as(when).isEmpty();
            whole(store, when);
            Descriptor root = StoreMain.image(images, 5);
            images.pull(store, root, "i5");
            try (LayerLease lease = StoreImages.unpack(store, root)) {
                StoreMain.check(lease, 5);
            }
            whole(store, when);
        }
    }

    private static void whole(ImageStore store, String when) throws IOException {
        assertThat(store.removeDamaged()).as(when).isEmpty();
        for (StoredImage image : store.images()) {
            ImageWalk walk = new ImageWalk(store.files());
            walk.add(image.root());
            assertThat(walk.missing()).as(when + ": " + image).isEmpty();
        }
        Path layers = store.directory().resolve("layers/sha256");
        for (String layer : names(layers)) {
            assertThat(names(layers.resolve(layer))).as(when).containsExactly("layer", "tree");
            assertThat(layers.resolve(layer).resolve("layer")).content().as(when).startsWith("chain id: sha256:" + layer + "\n");
            Path tree = layers.resolve(layer).resolve("tree");
            assertThat(names(tree)).as(when).hasSize(1);
            String content = Files.readString(tree.resolve(names(tree).get(0)).resolve("f"));
            int number = Integer.parseInt(content.substring(0, content.indexOf(' ')));
            assertThat(content).as(when).isEqualTo(StoreMain.content(number));
        }
    }

    @Test
    @Timeout(120)
    void several_jvms_and_threads_pull_name_and_collect_in_one_store() throws Exception {
        Path place = directory.resolve("store");
        List<Process> others = List.of(start(place, 1, 12), start(place, 2, 12));
        StoreMain one = new StoreMain(3);
        StoreMain two = new StoreMain(4);
        try (ImageStore store = ImageStore.open(place)) {
            Thread thread = Thread.ofPlatform().start(() -> steps(two, store));
            steps(one, store);
            thread.join();
            assertThat(failure).isNull();
        }
        for (Process other : others) {
            String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(other.waitFor()).as(output).isZero();
            assertThat(output).startsWith("ready\ndone ");
        }
        consistent(place, "afterwards");
        try (ImageStore store = ImageStore.open(place)) {
            for (StoredImage image : store.images()) {
                store.remove(image.root().digest());
            }
            store.collect();
            assertThat(names(place.resolve("blobs/sha256"))).isEmpty();
            assertThat(names(place.resolve("layers/sha256"))).isEmpty();
            assertThat(names(place.resolve("work"))).isEmpty();
        }
    }

    private void steps(StoreMain main, ImageStore store) {
        try {
            for (long end = System.nanoTime() + 12_000_000_000L; System.nanoTime() < end; ) {
                main.step(store);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    /// A JVM that is gone holds nothing; one that lives does.
    @Test
    void layers_that_another_jvm_uses_stay_until_it_is_killed() throws Exception {
        Path place = directory.resolve("store");
        Process process = new ProcessBuilder(command(HoldingMain.class, place.toString())).redirectErrorStream(true).start();
        await(process, "holding");
        try (ImageStore store = ImageStore.open(place)) {
            Collected collected = store.collect();
            assertThat(collected.layers()).isZero();
            assertThat(collected.inUse()).isEqualTo(2);
            assertThat(collected.blobs()).isZero(); // a pull goes on
            assertThat(collected.leftovers()).isZero();
            assertThat(names(place.resolve("work"))).hasSize(2);
            assertThat(store.usage().reclaimable()).isZero();
            process.destroyForcibly().waitFor();
            process.getInputStream().close();
            Collected then = store.collect();
            assertThat(then.layers()).isEqualTo(2);
            assertThat(then.blobs()).isEqualTo(4);
            assertThat(then.leftovers()).isEqualTo(2);
        }
        assertThat(names(place.resolve("work"))).isEmpty();
    }

    /// Has layers in use, a pull that isn't finished and a layer that is being unpacked.
    public static final class HoldingMain {
        private HoldingMain() {}

        public static void main(String[] args) throws Exception {
            StoreImages images = new StoreImages();
            Descriptor root = images.simple("one", "two");
            try (ImageStore store = ImageStore.open(Path.of(args[0]));
                    StoreSink sink = store.sink()) {
                images.pull(store, root, "a");
                LayerLease lease = StoreImages.unpack(store, root);
                for (Digest digest : images.source.content.keySet()) {
                    sink.has(Descriptor.of("a/b", digest, images.source.content.get(digest).length));
                }
                store.untag(StoreImages.name("a"));
                LayerStaging staging = store.stage(List.of(Digest.of(new byte[1])));
                Files.writeString(staging.directory().resolve("f"), lease.directories().toString());
                System.out.println("holding");
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void a_full_disk_is_said_leaves_nothing_and_can_be_cleared() throws Exception {
        MustRun.root();
        Path mount = Files.createDirectory(directory.resolve("mount"));
        List<String> command = new ArrayList<>(List.of(MustRun.program("unshare"), "--mount", "sh", "-ec",
                "mount -t tmpfs -o size=2m none \"$0\"; exec \"$@\"", mount.toString()));
        command.addAll(command(FullMain.class, mount.resolve("store").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        process.getInputStream().close();
        assertThat(output.lines().toList()).satisfiesExactly(
                line -> assertThat(line).startsWith("blob: pwrite64(").contains("ENOSPC"),
                line -> assertThat(line).isEqualTo("work: []"),
                line -> assertThat(line).startsWith("layer: layer sha256:").contains("ENOSPC"),
                line -> assertThat(line).isEqualTo("work: []"),
                line -> assertThat(line).contains("names: ").contains("ENOSPC"),
                line -> assertThat(line).isEqualTo("work: []"),
                line -> assertThat(line).isEqualTo("first: true, second: false"),
                line -> assertThat(line).matches("collected: [1-9]\\d*"),
                line -> assertThat(line).isEqualTo("then: true"));
    }

    /// Fills a small file system.
    public static final class FullMain {
        private FullMain() {}

        private static void failing(String what, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Path store) throws Throwable {
            try {
                call.call();
                System.out.println(what + ": no failure");
            } catch (IOException e) {
                System.out.println(what + ": " + e.getMessage());
            }
            System.out.println("work: " + names(store.resolve("work")));
        }

        public static void main(String[] args) throws Throwable {
            StoreImages images = new StoreImages();
            Path place = Path.of(args[0]);
            try (ImageStore store = ImageStore.open(place)) {
                Descriptor first = images.image(StoreImages.layer("f", "x".repeat(3 << 20))); // small when it is compressed
                images.pull(store, first, "first");
                byte[] noise = new byte[3 << 20];
                new Random(1).nextBytes(noise);
                Descriptor second = images.image(StoreImages.layer("f", new String(noise, StandardCharsets.ISO_8859_1)));
                failing("blob", () -> images.pull(store, second, "second"), place);
                failing("layer", () -> StoreImages.unpack(store, first).close(), place);
                Descriptor rest = images.image(StoreImages.layer("f", "1"));
                images.pull(store, rest, "rest");
                Path filling = place.resolveSibling("filling");
                store.images(); // the names that were read last stay open, with their place on the disk
                fill(filling);
                failing("names", () -> store.tag(first, StoreImages.name("again")), place);
                System.out.println("first: " + store.find(StoreImages.name("first")).isPresent() + ", second: "
                        + store.find(StoreImages.name("second")).isPresent());
                Files.write(filling, new byte[0]);
                store.untag(StoreImages.name("rest"));
                fill(filling);
                System.out.println("collected: " + store.collect().bytes());
                store.tag(first, StoreImages.name("again"));
                System.out.println("then: " + (store.images().size() == 1));
            }
        }

        private static void fill(Path file) {
            try (var out = Files.newOutputStream(file)) {
                while (true) {
                    out.write(new byte[4096]);
                }
            } catch (IOException e) {
                return;
            }
        }
    }
}
