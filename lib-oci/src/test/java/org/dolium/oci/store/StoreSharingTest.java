// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Stores that several JVMs and threads use at once.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StoreSharingTest {
    private static final int SECONDS = 10;

    @TempDir
    Path directory;

    private volatile Throwable failure;

    @Test
    @Timeout(120)
    void several_jvms_and_threads_pull_name_and_collect_in_one_store() throws Exception {
        Path place = directory.resolve("store");
        List<Process> others = List.of(StoreProcesses.start(place, 1, SECONDS), StoreProcesses.start(place, 2, SECONDS));
        StoreMain one = new StoreMain(3);
        StoreMain two = new StoreMain(4);
        try (ImageStore store = ImageStore.open(place);
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Thread thread = Thread.ofPlatform().start(() -> steps(two, store));
            Future<Integer> killed = threads.submit(() -> kills(place));
            steps(one, store);
            thread.join();
            assertThat(killed.get()).isPositive();
            assertThat(failure).isNull();
        }
        for (Process other : others) {
            String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(other.waitFor()).as(output).isZero();
            assertThat(output).startsWith("ready\ndone ");
        }
        StoreProcesses.consistent(place, "afterwards");
        try (ImageStore store = ImageStore.open(place)) {
            for (StoredImage image : store.images()) {
                store.remove(image.root().digest());
            }
            store.collect();
            assertThat(StoreProcesses.names(place.resolve("blobs/sha256"))).isEmpty();
            assertThat(StoreProcesses.names(place.resolve("layers/sha256"))).isEmpty();
            assertThat(StoreProcesses.names(place.resolve("work"))).isEmpty();
        }
    }

    /// Others are killed meanwhile, which is nobody else's trouble.
    private static int kills(Path place) throws Exception {
        int kills = 0;
        Random random = new Random(7);
        for (long end = System.nanoTime() + SECONDS * 1_000_000_000L; System.nanoTime() < end; kills++) {
            Process process = StoreProcesses.start(place, 100 + kills, 60);
            StoreProcesses.await(process, "ready");
            Thread.sleep(random.nextLong(200));
            process.destroyForcibly().waitFor();
            process.getInputStream().close();
        }
        return kills;
    }

    private void steps(StoreMain main, ImageStore store) {
        try {
            for (long end = System.nanoTime() + SECONDS * 1_000_000_000L; System.nanoTime() < end; ) {
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
        Process process = new ProcessBuilder(StoreProcesses.command(HoldingMain.class, place.toString())).redirectErrorStream(true).start();
        StoreProcesses.await(process, "holding");
        try (ImageStore store = ImageStore.open(place)) {
            Collected collected = store.collect();
            assertThat(collected.layers()).isZero();
            assertThat(collected.inUse()).isEqualTo(2);
            assertThat(collected.blobs()).isZero(); // a pull goes on
            assertThat(collected.leftovers()).isZero();
            assertThat(StoreProcesses.names(place.resolve("work"))).hasSize(2);
            assertThat(store.usage().reclaimable()).isZero();
            process.destroyForcibly().waitFor();
            process.getInputStream().close();
            Collected then = store.collect();
            assertThat(then.layers()).isEqualTo(2);
            assertThat(then.blobs()).isEqualTo(4);
            assertThat(then.leftovers()).isEqualTo(2);
        }
        assertThat(StoreProcesses.names(place.resolve("work"))).isEmpty();
    }

    @Test
    void what_a_killed_jvm_left_is_removed_by_the_next_pull() throws Exception {
        Path place = directory.resolve("store");
        Process process = new ProcessBuilder(StoreProcesses.command(HoldingMain.class, place.toString())).redirectErrorStream(true).start();
        StoreProcesses.await(process, "holding");
        StoreImages images = new StoreImages();
        try (ImageStore store = ImageStore.open(place)) {
            images.pull(store, images.simple("three"), "b");
            assertThat(StoreProcesses.names(place.resolve("work"))).hasSize(2);
            process.destroyForcibly().waitFor();
            process.getInputStream().close();
            images.pull(store, images.simple("three"), "b");
            assertThat(StoreProcesses.names(place.resolve("work"))).isEmpty();
        }
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

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return ProcessStatus.self().effectiveUid() == 0
                ? PlainUser.run(StoreSharingTest.class) : List.of(DynamicTest.dynamicTest("it is one", () -> {}));
    }
}
