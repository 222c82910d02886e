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
import org.dolium.oci.image.Descriptor;
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
    private static final int KILLS = 20; // of stores that several things are done with

    @TempDir
    Path directory;


    @Test
    @Timeout(240)
    void U_18_a_store_is_consistent_wherever_its_jvm_is_killed() throws Exception {
        Path place = directory.resolve("store");
        Random random = new Random(18);
        int left = 0;
        for (int i = 0; i < KILLS; i++) {
            Process process = StoreProcesses.start(place, i, 60);
            StoreProcesses.await(process, "ready");
            Thread.sleep(Duration.ofMillis(random.nextLong(300)));
            assertThat(process.destroyForcibly().waitFor()).as("it was killed").isEqualTo(128 + 9);
            process.getInputStream().close();
            left += StoreProcesses.names(place.resolve("work")).isEmpty() ? 0 : 1;
            StoreProcesses.consistent(place, "after kill " + i);
        }
        assertThat(left).as("kills that left something").isGreaterThan(KILLS / 5); // else they were at no interesting moment
    }

    @Test
    void a_full_disk_is_said_leaves_nothing_and_can_be_cleared() throws Exception {
        MustRun.root();
        Path mount = Files.createDirectory(directory.resolve("mount"));
        List<String> command = new ArrayList<>(List.of(MustRun.program("unshare"), "--mount", "sh", "-ec",
                "mount -t tmpfs -o size=2m none \"$0\"; exec \"$@\"", mount.toString()));
        command.addAll(StoreProcesses.command(FullMain.class, mount.resolve("store").toString()));
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
            System.out.println("work: " + StoreProcesses.names(store.resolve("work")));
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
