// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Racer;
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

    /// Those who make layers give some up, whose directories go while others look at them.
    @Test
    @Timeout(120)
    void work_that_is_given_up_while_a_store_is_collected_is_nobody_s_trouble() throws Exception {
        Path place = directory.resolve("store");
        int collections = 0;
        try (ImageStore store = ImageStore.open(place);
                ImageStore other = ImageStore.open(place)) {
            Comings comings = new Comings(() -> {
                List<Work.Directory> works = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    works.add(Work.directory(other.files(), Work.LAYER));
                }
                for (Work.Directory work : works) {
                    work.close();
                }
            });
            try (comings) {
                long start = System.nanoTime();
                for (; Racer.goesOn(start, 1, collections > 0 && comings.rounds > 0); collections++) {
                    store.collect();
                }
            }
            assertThat(comings.rounds).isPositive();
        }
        assertThat(collections).isPositive();
        assertThat(StoreProcesses.names(place.resolve("work"))).isEmpty();
    }

    @Test
    @Timeout(120)
    void a_tree_that_somebody_removes_is_measured_as_far_as_it_is_there() throws Exception {
        Path tree = directory.resolve("tree");
        Path below = tree.resolve("a/b");
        int measured = 0;
        Comings comings = new Comings(() -> {
            Files.createDirectories(below);
            for (Path path = below; !path.equals(directory); path = path.getParent()) {
                Files.delete(path);
            }
        });
        try (OpenDirectory here = OpenDirectory.open(directory);
                comings) {
            long start = System.nanoTime();
            while (Racer.goesOn(start, 1, measured > 0 && comings.rounds > 0)) {
                measured += Measure.tree(here, "tree") > 0 ? 1 : 0;
            }
        }
        assertThat(comings.rounds).isPositive();
        assertThat(measured).isPositive();
    }

    /// What comes and goes, again and again.
    private static final class Comings implements AutoCloseable {
        interface Round {
            void comeAndGo() throws IOException;
        }

        private final Thread thread;
        private volatile boolean stop;
        private volatile int rounds;
        private volatile Throwable failure;

        Comings(Round round) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    for (; !stop; rounds++) {
                        round.comeAndGo();
                    }
                } catch (IOException | RuntimeException | Error e) {
                    failure = e;
                }
            });
        }

        @Override
        public void close() {
            stop = true;
            assertThat(thread).satisfies(one -> one.join());
            assertThat(failure).isNull();
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
