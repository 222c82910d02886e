// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.pull.ImagePull;
import org.dolium.oci.store.ImageStore;

/// An image with five layers from a layout onto a new ext4 file system: unpacked and verified. The layout is in the page cache, and
/// everyone has a turn in every round.
final class Unpacking {
    private static final String STORED = "Dolium, blobs in its store";
    private static final String COPIED = "Dolium, blobs copied as well";
    private static final String UMOCI = "umoci raw unpack";
    private static final String SKOPEO = "skopeo copy to containers-storage";
    private static final String CONTAINERD = "containerd, ctr image import";
    private static final ImageReference NAME = ImageReference.parse("localhost/bench:1");
    private static final int ROUNDS = 5;
    private static final double NANOS = 1e9;

    /// What a turn does on a file system.
    interface Turn {
        /// What is not measured.
        default void prepare(Path mount) throws IOException, InterruptedException {}

        void run(Path mount) throws IOException, InterruptedException;

        /// What others than this process and its children have used of the processors since they were prepared.
        default double cpuSeconds() throws IOException {
            return 0;
        }

        /// After which nothing uses the file system.
        default void end(Path mount) throws IOException, InterruptedException {}
    }

    /// What is measured: seconds until it says that it is done, of processors, and until all is on the disk.
    private record Figures(Samples wall, Samples cpu, Samples disk) {
        Figures() {
            this(new Samples(), new Samples(), new Samples());
        }
    }

    private final Bench bench;
    private final int rounds;
    private final Path layout;
    private final Map<String, Turn> turns = new LinkedHashMap<>();
    private final Map<String, Figures> figures = new LinkedHashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();

    Unpacking(Bench bench, boolean quick) throws IOException, InterruptedException {
        this.bench = bench;
        rounds = quick ? 1 : ROUNDS;
        layout = UnpackingImage.layout();
        turns.put(STORED, new Turn() {
            @Override
            public void prepare(Path mount) throws IOException {
                imported(mount);
            }

            @Override
            public void run(Path mount) throws IOException {
                pull(mount, true);
            }
        });
        turns.put(COPIED, mount -> pull(mount, false));
        peer(UMOCI, "umoci", mount -> List.of("raw", "unpack", "--image", layout + ":latest", mount.resolve("tree").toString()));
        peer(SKOPEO, "skopeo", mount -> List.of("copy", "--quiet", "--insecure-policy", "oci:" + layout + ":latest",
                "containers-storage:[overlay@" + mount.resolve("graph") + "+" + mount.resolve("run") + "]bench:latest"));
        String containerd = Peers.find("containerd");
        String ctr = Peers.find("ctr");
        if (containerd == null || ctr == null) {
            missing.put(CONTAINERD, "not installed");
        } else {
            turns.put(CONTAINERD, new Containerd(containerd, ctr, UnpackingImage.archive()));
        }
    }

    private interface Arguments {
        List<String> of(Path mount);
    }

    private void peer(String name, String program, Arguments arguments) {
        String found = Peers.find(program);
        if (found == null) {
            missing.put(name, "not installed");
            return;
        }
        turns.put(name, mount -> UnpackingImage.command(found, arguments.of(mount)));
    }

    private void imported(Path mount) throws IOException {
        try (ImageStore store = ImageStore.open(mount.resolve("store"))) {
            store.importLayout(layout, "latest", List.of(NAME));
        }
    }

    private void pull(Path mount, boolean stored) throws IOException {
        try (ImageStore store = ImageStore.open(mount.resolve("store"));
                ImageSource source = stored ? store : OciLayout.read(layout);
                ImagePull pull = ImagePull.from(source, store).as(NAME).build()) {
            pull.run(stored ? NAME.toString() : "latest");
        }
    }

    void run() throws IOException, InterruptedException {
        bench.quiet().beginTable();
        for (String name : List.of(STORED, COPIED)) { // until it is compiled
            turn(name, new Figures());
            turn(name, new Figures());
        }
        for (int i = 0; i < rounds; i++) {
            for (String name : List.copyOf(turns.keySet())) {
                bench.quiet().await();
                bench.quiet().undisturbed(() -> turn(name, figures.computeIfAbsent(name, key -> new Figures())));
            }
        }
        print();
    }

    /// A turn on a new file system, which is gone afterwards: what is deleted slows down what comes next.
    private boolean turn(String name, Figures its) throws IOException, InterruptedException {
        try (LoopMount loop = LoopMount.make(bench.workspace().directory())) {
            turn(turns.get(name), loop, its);
            return true;
        } catch (IOException e) {
            if (name.equals(STORED) || name.equals(COPIED)) {
                throw e;
            }
            turns.remove(name);
            missing.put(name, e.getMessage());
            return false;
        }
    }

    private static void turn(Turn turn, LoopMount loop, Figures its) throws IOException, InterruptedException {
        try {
            turn.prepare(loop.mount());
            loop.sync();
            double cpu = UnpackingImage.cpuSeconds() + turn.cpuSeconds();
            long begin = System.nanoTime();
            turn.run(loop.mount());
            long done = System.nanoTime();
            double used = UnpackingImage.cpuSeconds() + turn.cpuSeconds() - cpu;
            loop.sync();
            its.wall().addRound((done - begin) / NANOS);
            its.cpu().addRound(used);
            its.disk().addRound((System.nanoTime() - begin) / NANOS);
        } finally {
            turn.end(loop.mount());
        }
    }

    private void print() throws IOException {
        Table table = bench.table();
        table.heading("An image unpacked and verified: " + UnpackingImage.text(layout) + ", " + rounds + " rounds");
        table.header("", "median s", "processor s", "s until it is on the disk", "target", "met");
        figures.forEach((name, its) -> table.row(name, Table.number(its.wall().median()), Table.number(its.cpu().median()),
                Table.number(its.disk().median()), "", ""));
        missing.forEach((name, why) -> table.row(name, "not run: " + why, "", "", "", ""));
        ratio(STORED, UMOCI, Goal.speed(UMOCI, 2));
        ratio(STORED, SKOPEO, Goal.speed(SKOPEO, 2.5));
        ratio(COPIED, CONTAINERD, Goal.speed(CONTAINERD, 2.5));
        bench.quiet().endTable(table);
    }

    private void ratio(String own, String name, Goal goal) {
        Figures its = figures.get(name);
        Figures ours = figures.get(own);
        if (its == null || ours == null) {
            return;
        }
        bench.table().row(own + ", " + name,
                goal.ratio(ours.wall().median(), its.wall().median()),
                goal.ratio(ours.cpu().median(), its.cpu().median()),
                goal.ratio(ours.disk().median(), its.disk().median()),
                goal.target(), goal.verdict(ours.wall().median(), its.wall().median()));
    }
}
