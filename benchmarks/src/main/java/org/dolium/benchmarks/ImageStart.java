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

    private final Bench bench;
    private final Map<String, JvmSubject> subjects = new LinkedHashMap<>();
    private final Map<String, Samples> samples = new LinkedHashMap<>();

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
        for (int round = 0; round < bench.scale().rounds(); round++) {
            bench.quiet().await();
            for (Map.Entry<String, JvmSubject> entry : subjects.entrySet()) {
                JvmSubject subject = entry.getValue();
                long[] last = subject.startToExitNanos(UNMEASURED, Duration.ZERO);
                int starts = bench.scale().starts(last[UNMEASURED - 1]);
                samples.get(entry.getKey()).addRound(bench.quiet().undisturbed(() -> subject.startToExitNanos(starts, Duration.ZERO)));
            }
        }
    }

    private void print() {
        Table table = bench.table();
        table.heading("Start to exit of a container of an image, as " + bench.caller());
        table.header("", "median ms", "p99 ms", "more than a directory", "target", "met");
        double directory = samples.get(DIRECTORY).median();
        double image = samples.get(IMAGE).median();
        table.row(DIRECTORY, Table.number(directory), Table.number(samples.get(DIRECTORY).p99()), "", "", "");
        table.row(IMAGE, Table.number(image), Table.number(samples.get(IMAGE).p99()), Table.number(image - directory) + " ms",
                "≤ " + MOST_MORE + " ms", Table.met(image - directory <= MOST_MORE));
        bench.quiet().endTable(table);
    }
}
