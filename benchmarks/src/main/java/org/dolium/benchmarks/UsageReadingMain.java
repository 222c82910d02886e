// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import com.sun.management.ThreadMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.container.Container;
import org.dolium.container.ContainerSpec;
import org.dolium.container.Usage;

/// A JVM that keeps many sleeping containers and reads their figures in four ways, in turn; prints `name<TAB>value` lines.
final class UsageReadingMain {
    private static final int ROUNDS = 21;
    private static final int SWEEPS = 5;
    private static final int WARM_UP = 20;
    private static final String FIGURE = ".*/(memory\\.usage_in_bytes|memory\\.current|cpuacct\\.usage|cpu\\.stat|pids\\.current)";

    private final List<Container> containers = new ArrayList<>();
    private final List<Usage> usages = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final ExecutorService helper = Executors.newSingleThreadExecutor();
    private long sum;

    private UsageReadingMain() {}

    /// @param args root file system, number of containers
    public static void main(String[] args) throws IOException, InterruptedException {
        ContainerSpec spec = Isolation.FULL.builder(Path.of(args[0]), "/bin/sleep", "1000").build();
        UsageReadingMain main = new UsageReadingMain();
        try {
            main.start(spec, Integer.parseInt(args[1]));
            main.measure(Path.of(args[0]).resolveSibling("usage-files"));
        } finally {
            main.containers.forEach(Container::close);
        }
        System.exit(0);
    }

    private void start(ContainerSpec spec, int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            containers.add(spec.start());
            usages.add(containers.getLast().usage());
        }
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            Path target = Path.of(descriptor.getCanonicalPath());
            if (target.toString().matches(FIGURE)) {
                files.add(target);
            }
        }
        if (files.size() != 3 * count) {
            throw new IOException(files.size() + " files of " + count + " containers");
        }
    }

    private void measure(Path list) throws IOException {
        Files.write(list, files.stream().map(Path::toString).toList());
        try (Referee referee = Referee.start(Path.of(System.getProperty("dolium.limit")))) {
            referee.open(list);
            for (int i = 0; i < WARM_UP; i++) {
                refresh();
                refreshOnTwo();
                readStrings();
                referee.readNanos(1);
            }
            Samples usage = new Samples();
            Samples two = new Samples();
            Samples string = new Samples();
            Samples c = new Samples();
            for (int round = 0; round < ROUNDS; round++) {
                usage.addRound(times(this::refresh));
                c.addRound(referee.readNanos(SWEEPS));
                two.addRound(times(this::refreshOnTwo));
                string.addRound(times(this::readStrings));
            }
            print("usage", usage.median());
            print("two", two.median());
            print("c", c.median());
            print("string", string.median());
            print("bytes", bytesEach());
        } finally {
            helper.shutdown();
            Files.delete(list);
        }
    }

    private interface Sweep {
        void run() throws IOException;
    }

    private static long[] times(Sweep sweep) throws IOException {
        long[] nanos = new long[SWEEPS];
        for (int i = 0; i < SWEEPS; i++) {
            long begin = System.nanoTime();
            sweep.run();
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    private void refresh() throws IOException {
        sum += refresh(0, usages.size());
    }

    private void refreshOnTwo() throws IOException {
        int half = usages.size() / 2;
        Future<Long> rest = helper.submit(() -> refresh(half, usages.size()));
        sum += refresh(0, half);
        try {
            sum += rest.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
    }

    private long refresh(int from, int to) throws IOException {
        long total = 0;
        for (int i = from; i < to; i++) {
            Usage usage = usages.get(i);
            if (!usage.refresh()) {
                throw new IOException("a container ended");
            }
            total += usage.memoryBytes() + usage.cpuNanos() + usage.tasks();
        }
        return total;
    }

    private void readStrings() throws IOException {
        for (Path file : files) {
            String text = Files.readString(file);
            int start = text.indexOf(' ') < 0 ? 0 : text.indexOf(' ') + 1; // usage_usec NUMBER
            sum += Long.parseLong(text.substring(start, text.indexOf('\n')));
        }
    }

    private double bytesEach() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        refresh();
        return (double) (threads.getCurrentThreadAllocatedBytes() - before) / usages.size();
    }

    private static void print(String name, double value) {
        System.out.println(name + "\t" + value);
    }
}
