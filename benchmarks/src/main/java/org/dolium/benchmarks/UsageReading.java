// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How long it takes to read memory, processor time and tasks of 1,000 containers, in a JVM of their own.
final class UsageReading {
    private static final int COUNT = 1000;
    private static final int FEW = 100;
    private static final double MOST_MILLIS = 3;
    private static final double TIMES_C = 1.2;
    private static final double TIMES_STRING = 7;

    private final Bench bench;
    private final int count;

    UsageReading(Bench bench, boolean quick) {
        this.bench = bench;
        count = quick ? FEW : COUNT;
    }

    void run() throws IOException, InterruptedException {
        bench.quiet().beginTable();
        bench.quiet().await();
        Map<String, Double> values = bench.quiet().undisturbed(this::measure);
        double usage = values.get("usage");
        double most = MOST_MILLIS * count / COUNT;
        Table table = bench.table();
        table.heading("Memory, processor time and tasks of " + count + " containers, read once");
        table.header("", "ms", "compared with Usage", "target", "met");
        table.row("`Usage.refresh()`", Table.number(usage), "", "≤ " + Table.number(most) + " ms", Table.met(usage <= most));
        double two = values.get("two");
        table.row("the same on two threads, half of them on each", Table.number(two), "",
                "≤ " + Table.number(most) + " ms", Table.met(two <= most));
        row("C, pread(2) of the same files", values.get("c"), Goal.time("", TIMES_C), usage);
        row("`Files.readString`", values.get("string"), Goal.speed("", TIMES_STRING), usage);
        table.row("bytes allocated for each `refresh()`", Table.number(values.get("bytes")), "", "0",
                Table.met(values.get("bytes") < 1));
        bench.quiet().endTable(table);
    }

    private void row(String name, double millis, Goal goal, double usage) {
        bench.table().row(name, Table.number(millis), goal.ratio(usage, millis), goal.target(), goal.verdict(usage, millis));
    }

    private Map<String, Double> measure() throws IOException, InterruptedException {
        List<String> command = NewJvm.command(
                List.of("-Ddolium.limit=" + System.getProperty("dolium.limit")), UsageReadingMain.class,
                bench.workspace().rootfs().toString(), "" + count);
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Map<String, Double> values = new TreeMap<>();
        process.inputReader().lines().forEach(line -> {
            String[] pair = line.split("\t", 2);
            values.put(pair[0], Double.parseDouble(pair[1]));
        });
        if (process.waitFor() != 0) {
            throw new IOException("the JVM with " + count + " containers ended with " + process.exitValue());
        }
        return values;
    }
}
