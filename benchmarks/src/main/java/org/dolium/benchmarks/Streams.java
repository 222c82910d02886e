// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// How fast what a command prints gets to the JVM, into a file, and to those who want lines: always the same static program, in a container
/// and as a process of [ProcessBuilder].
final class Streams {
    private static final int MIB = 1 << 20;
    private static final double GIGA = 1e9;
    private static final double MILLIS = 1e3;
    private static final int READ_MIB = 512;
    private static final int FILE_MIB = 256;
    private static final int LINES_MIB = 512;
    private static final int LESS = 8;
    private static final int WARM_UPS = 3;
    private static final int[] LINES = {1024, 128, 32};
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Path NOWHERE = Path.of("/dev/null");
    private static final double READ_GOAL = 1.1;
    private static final double SPLICE_GOAL = 1.4;
    private static final double LINES_GOAL = 4;

    private final Bench bench;
    private final boolean quick;
    private final StreamSubjects subjects;

    Streams(Bench bench, boolean quick) throws IOException {
        this.bench = bench;
        this.quick = quick;
        Path rootfs = bench.workspace().rootfs();
        Path program = Path.of(System.getProperty("dolium.limit")).resolveSibling("print");
        Files.copy(program, rootfs.resolve("bin/print"));
        this.subjects = new StreamSubjects(rootfs);
    }

    /// What takes all that was printed.
    interface Taking {
        void takeAll() throws IOException, InterruptedException;
    }

    /// What a gigabyte took, in seconds: until all was there, and of processors, by the JVM and by who printed.
    private record Cost(double time, double processors) {}

    /// One line of a table.
    private record Row(Taking taking, boolean ours, String against, double goal, Samples samples, Samples processors) {
        static Row peer(Taking taking) {
            return new Row(taking, false, "", 0, new Samples(), new Samples());
        }

        static Row ours(Taking taking, String against, double goal) {
            return new Row(taking, true, against, goal, new Samples(), new Samples());
        }
    }

    void run() throws IOException, InterruptedException {
        read();
        record();
        for (int line : LINES) {
            lines(line);
        }
    }

    private void read() throws IOException, InterruptedException {
        long bytes = size(READ_MIB);
        String read = "ProcessBuilder, `read` of 64 KiB";
        Map<String, Row> rows = new LinkedHashMap<>();
        rows.put(read, Row.peer(() -> subjects.readProcess(bytes)));
        rows.put("ProcessBuilder, the same, of a process with a session of its own", Row.peer(() -> subjects.readProcessApart(bytes)));
        rows.put("Dolium, `read` of 64 KiB", Row.ours(() -> subjects.readContainer(bytes), read, READ_GOAL));
        rows.put("Dolium, `run()`, which keeps the first 16 MiB", Row.ours(() -> subjects.capture(bytes), read, 0));
        rows.put("Dolium, `recordStdout` to `/dev/null`, by splice",
                Row.ours(() -> subjects.record(bytes, NOWHERE), read, SPLICE_GOAL));
        table("Standard output, " + (bytes / MIB) + " MiB printed with writes of 64 KiB", bytes, rows);
    }

    private void record() throws IOException, InterruptedException {
        long bytes = size(FILE_MIB);
        Path place = Files.isWritable(MEMORY) ? MEMORY : bench.workspace().directory();
        Path file = Files.createTempFile(place, "dolium-benchmarks-", ".out");
        try {
            String copied = "ProcessBuilder, `transferTo` a file";
            String own = "ProcessBuilder, `redirectOutput` to a file";
            Map<String, Row> rows = new LinkedHashMap<>();
            rows.put(copied, Row.peer(() -> subjects.copyProcess(bytes, file)));
            rows.put("Dolium, `recordStdout`, by splice", Row.ours(() -> subjects.record(bytes, emptied(file)), copied, SPLICE_GOAL));
            rows.put(own, Row.peer(() -> subjects.redirectProcess(bytes, file)));
            rows.put("Dolium, `redirectOutput` to a file", Row.ours(() -> subjects.redirectContainer(bytes, file), own, 0));
            table("Into a file in " + place + ", " + (bytes / MIB) + " MiB", bytes, rows);
        } finally {
            Files.delete(file);
        }
    }

    private static Path emptied(Path file) throws IOException {
        return Files.write(file, new byte[0]);
    }

    private void lines(int line) throws IOException, InterruptedException {
        long bytes = size(LINES_MIB);
        String reader = "ProcessBuilder, `BufferedReader.readLine`";
        Map<String, Row> rows = new LinkedHashMap<>();
        rows.put(reader, Row.peer(() -> subjects.readLines(bytes, line)));
        rows.put("Dolium, `onStdoutLine`", Row.ours(() -> subjects.consumeLines(bytes, line), reader, LINES_GOAL));
        rows.put("Dolium, `onStdoutLineBytes`", Row.ours(() -> subjects.consumeLineBytes(bytes, line), reader, LINES_GOAL));
        table("Lines of " + line + " bytes, " + (bytes / MIB) + " MiB", bytes, rows);
    }

    private long size(int mib) {
        return (long) (quick ? mib / LESS : mib) * MIB;
    }

    private void table(String title, long bytes, Map<String, Row> rows) throws IOException, InterruptedException {
        bench.quiet().beginTable();
        for (Row row : rows.values()) {
            for (int i = 0; i < WARM_UPS; i++) {
                row.taking().takeAll();
            }
        }
        for (int round = 0; round < bench.scale().rounds(); round++) {
            bench.quiet().await();
            for (Row row : rows.values()) {
                Cost cost = bench.quiet().undisturbed(() -> cost(row.taking(), bytes));
                row.samples().addRound(cost.time());
                row.processors().addRound(cost.processors());
            }
        }
        print(title, rows);
    }

    private static Cost cost(Taking taking, long bytes) throws IOException, InterruptedException {
        double before = CpuTime.ownSeconds();
        long begin = System.nanoTime();
        taking.takeAll();
        double time = (double) (System.nanoTime() - begin) / bytes;
        return new Cost(time, (CpuTime.ownSeconds() - before) * GIGA / bytes);
    }

    private void print(String title, Map<String, Row> rows) {
        Table table = bench.table();
        table.heading(title);
        table.header("", "GB/s", "slowest round", "processor ms for 1 GB", "Dolium against it", "target", "met");
        rows.forEach((name, row) -> {
            double time = row.samples().median();
            String speed = Table.number(1 / time);
            String slowest = Table.number(1 / row.samples().p99());
            String used = Table.number(row.processors().median() * MILLIS);
            if (row.ours()) {
                Goal goal = Goal.speed(row.against(), row.goal());
                double its = rows.get(row.against()).samples().median();
                boolean wanted = row.goal() > 0;
                table.row(name, speed, slowest, used, goal.ratio(time, its), wanted ? goal.target() : "", wanted ? goal.verdict(time, its) : "");
            } else {
                table.row(name, speed, slowest, used, "", "", "");
            }
        });
        bench.quiet().endTable(table);
    }
}
