// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.container.Rootfs;
import org.dolium.oci.Image;
import org.dolium.oci.Images;

/// Start to exit of a container of an image with five layers in a warm store, and of one of a directory with a throw-away upper
/// layer. Both are written anew for each start, as applications do.
final class ImageStart {
    private static final String DIRECTORY = "a directory with an upper layer";
    private static final String IMAGE = "an image of five layers";
    private static final double MOST_MORE = 0.15;
    private static final int UNMEASURED = 3;
    private static final int MORE_ROUNDS = 5;

    private final Bench bench;
    private final Map<String, JvmSubject> subjects = new LinkedHashMap<>();
    private final Map<String, Samples> samples = new LinkedHashMap<>();
    private final Samples differences = new Samples();

    ImageStart(Bench bench) {
        this.bench = bench;
    }

    void run() throws IOException, InterruptedException {
        Path rootfs = bench.workspace().rootfs();
        Path store = bench.workspace().directory().resolve("store");
        try (Images images = Images.open(store)) {
            FiveLayers.keep(bench.workspace(), images);
            try (Image image = images.get(FiveLayers.NAME)) {
                subjects.put(DIRECTORY, new JvmSubject(() -> run(
                        ContainerBuilder.create().rootfs(Rootfs.overlay(rootfs)).command("/bin/true"))));
                subjects.put(IMAGE, new JvmSubject(() -> run(image.newContainer())));
                measure();
                print();
            }
        }
    }

    private static void run(ContainerBuilder builder) throws IOException, InterruptedException {
        Result result = builder.redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .run();
        if (!result.status().success()) {
            throw new IOException("/bin/true in a container ended with " + result.status());
        }
    }

    private void measure() throws IOException, InterruptedException {
        bench.quiet().beginTable();
        for (Map.Entry<String, JvmSubject> subject : subjects.entrySet()) {
            samples.put(subject.getKey(), new Samples());
            subject.getValue().startToExitNanos(bench.scale().warmUp(), Duration.ZERO);
        }
        JvmSubject directory = subjects.get(DIRECTORY);
        JvmSubject image = subjects.get(IMAGE);
        for (int round = 0; round < bench.scale().rounds() * MORE_ROUNDS; round++) {
            bench.quiet().await();
            long[] last = directory.startToExitNanos(UNMEASURED, Duration.ZERO);
            image.startToExitNanos(UNMEASURED, Duration.ZERO);
            int starts = bench.scale().starts(last[UNMEASURED - 1]);
            long[][] pairs = bench.quiet().undisturbed(() -> pairs(directory, image, starts));
            Samples both = new Samples();
            both.addRound(pairs[0]);
            double without = both.median();
            both = new Samples();
            both.addRound(pairs[1]);
            differences.addRound(both.median() - without);
            samples.get(DIRECTORY).addRound(pairs[0]);
            samples.get(IMAGE).addRound(pairs[1]);
        }
    }

    /// One after the other in turns: what is looked for is a few hundredths of what a start takes.
    private static long[][] pairs(JvmSubject first, JvmSubject second, int count) throws IOException, InterruptedException {
        long[][] nanos = new long[2][count];
        for (int i = 0; i < count; i++) {
            nanos[0][i] = first.startToExitNanos(1, Duration.ZERO)[0];
            nanos[1][i] = second.startToExitNanos(1, Duration.ZERO)[0];
        }
        return nanos;
    }

    private void print() {
        Table table = bench.table();
        table.heading("Start to exit of a container of an image, as " + bench.caller());
        table.header("", "median ms", "p99 ms", "more than a directory", "target", "met");
        double directory = samples.get(DIRECTORY).median();
        double image = samples.get(IMAGE).median();
        double more = differences.median();
        table.row(DIRECTORY, Table.number(directory), Table.number(samples.get(DIRECTORY).p99()), "", "", "");
        table.row(IMAGE, Table.number(image), Table.number(samples.get(IMAGE).p99()), Table.number(more) + " ms",
                "≤ " + MOST_MORE + " ms", Table.met(more <= MOST_MORE));
        bench.quiet().endTable(table);
    }
}
