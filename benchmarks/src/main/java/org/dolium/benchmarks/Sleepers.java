// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// 1,000 sleeping containers at once, in a JVM of their own: once with `/dev/null` as standard streams, once with pipes.
final class Sleepers {
    private static final int COUNT = 1000;
    private static final int FEW = 100;
    private static final double MOST_THREADS = 8;
    private static final double MOST_HEAP = 8192;

    private final Bench bench;
    private final int count;

    Sleepers(Bench bench, boolean quick) {
        this.bench = bench;
        count = quick ? FEW : COUNT;
    }

    void run() throws IOException, InterruptedException {
        bench.quiet().beginTable();
        bench.quiet().await();
        Map<String, String> silent = measure("null");
        Map<String, String> pipes = measure("pipes");
        Table table = bench.table();
        table.heading(count + " sleeping containers at once, all defaults");
        table.header("", "streams are /dev/null", "streams are pipes", "target", "met");
        row("Dolium's threads: " + pipes.get("names"), "threads", silent, pipes, MOST_THREADS);
        row("Java heap, bytes each", "heap", silent, pipes, MOST_HEAP);
        row("processes each", "processes", silent, pipes, 1);
        row("resident memory of the JVM, KiB each", "rss", silent, pipes, Double.NaN);
        row("start, ms each", "start", silent, pipes, Double.NaN);
        row("kill, reap and close, ms each", "stop", silent, pipes, Double.NaN);
    }

    private void row(String text, String key, Map<String, String> silent, Map<String, String> pipes, double most) {
        double a = Double.parseDouble(silent.get(key));
        double b = Double.parseDouble(pipes.get(key));
        boolean bound = !Double.isNaN(most);
        bench.table().row(text, Table.number(a), Table.number(b), bound ? "≤ " + Table.number(most) : "",
                bound ? Table.met(Math.max(a, b) <= most) : "");
    }

    private Map<String, String> measure(String streams) throws IOException, InterruptedException {
        List<String> command = NewJvm.command(
                List.of(), SleepersMain.class, bench.workspace().rootfs().toString(), "" + count, streams);
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Map<String, String> values = new TreeMap<>();
        process.inputReader().lines().forEach(line -> values.put(line.split("\t", 2)[0], line.split("\t", 2)[1]));
        if (process.waitFor() != 0) {
            throw new IOException("the JVM with " + count + " containers ended with " + process.exitValue());
        }
        return values;
    }
}
