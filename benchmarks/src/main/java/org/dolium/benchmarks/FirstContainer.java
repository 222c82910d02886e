// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The first container of a new JVM: start to exit of a whole JVM that runs one container, less that of one that does
/// nothing. The referee starts them all.
final class FirstContainer {
    private static final String EMPTY = "empty JVM";
    private static final String EMPTY_AOT = "empty JVM, AOT cache";
    private static final String PLAIN = "first container, no flags";
    private static final String AOT = "first container, AOT cache";
    private static final String SCRIPT = "first container, AOT cache, serial GC, C1 (as `./dolium`)";
    private static final double TARGET = 90;
    private static final double AOT_TARGET = 60;
    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Bench bench;
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final Map<String, Samples> samples = new LinkedHashMap<>();

    FirstContainer(Bench bench) {
        this.bench = bench;
    }

    void run() throws IOException, InterruptedException {
        bench.quiet().beginTable();
        List<String> aot = withCache("first.aot", List.of());
        add(EMPTY, List.of(), EmptyMain.class);
        add(EMPTY_AOT, aot, EmptyMain.class);
        add(PLAIN, List.of(), FirstContainerMain.class);
        add(AOT, aot, FirstContainerMain.class);
        add(SCRIPT, withCache("small.aot", SMALL), FirstContainerMain.class);
        Contest crun = Contest.of(bench, Isolation.FULL, Peers.CRUN);
        crun.subjects().forEach((name, subject) -> add("`crun run` instead, no JVM", subject));
        for (int i = 0; i < bench.scale().firsts(); i++) {
            if (i % 5 == 0) {
                bench.quiet().await();
            }
            for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
                Subject subject = entry.getValue();
                samples.get(entry.getKey())
                        .addRound(bench.quiet().undisturbed(() -> subject.startToExitNanos(1, Duration.ZERO)));
            }
        }
        print(crun.missing());
    }

    private void add(String name, List<String> options, Class<?> main) throws IOException {
        String rootfs = bench.workspace().rootfs().toString();
        add(name, bench.referee().command(name, NewJvm.command(options, main, rootfs)));
    }

    private void add(String name, Subject subject) {
        subjects.put(name, subject);
        samples.put(name, new Samples());
    }

    /// Makes an AOT cache in a training run, and gives the options that use it.
    private List<String> withCache(String file, List<String> options) throws IOException, InterruptedException {
        Path cache = bench.workspace().directory().resolve(file);
        List<String> training = NewJvm.options(options, "-XX:AOTCacheOutput=" + cache);
        List<String> command =
                NewJvm.command(training, FirstContainerMain.class, bench.workspace().rootfs().toString());
        Path log = bench.workspace().directory().resolve(file + ".log");
        int status = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        if (status != 0 || !Files.exists(cache)) {
            throw new IOException("no AOT cache was made: " + Files.readString(log));
        }
        return NewJvm.options(options, "-XX:AOTCache=" + cache);
    }

    private void print(Map<String, String> missing) {
        Table table = bench.table();
        table.heading("First container in a new JVM, all defaults, " + bench.scale().firsts() + " JVMs each");
        table.header("", "median ms", "p99 ms", "ms beyond an empty JVM", "target", "met");
        double empty = samples.get(EMPTY).median();
        samples.forEach((name, its) -> {
            double beyond = its.median() - empty;
            double target = name.equals(PLAIN) ? TARGET : name.equals(AOT) ? AOT_TARGET : Double.NaN;
            table.row(name, Table.number(its.median()), Table.number(its.p99()),
                    name.contains("container") ? Table.number(beyond) : "",
                    Double.isNaN(target) ? "" : "≤ " + Table.number(target),
                    Double.isNaN(target) ? "" : Table.met(beyond <= target));
        });
        missing.forEach((name, why) -> table.row(name, "not run: " + why, "", "", "", ""));
        bench.quiet().endTable(table);
    }
}
