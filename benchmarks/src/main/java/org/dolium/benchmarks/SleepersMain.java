// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerSpec;
import org.dolium.container.Rootfs;

/// A JVM that keeps many sleeping containers, and prints what they cost as `name<TAB>value` lines.
final class SleepersMain {
    private static final int FIRST_FEW = 20;
    private static final double NANOS_PER_MILLI = 1e6;

    private final List<Container> containers = new ArrayList<>();

    private SleepersMain() {}

    /// @param args root file system, number of containers, `pipes` or `null`
    public static void main(String[] args) throws IOException, InterruptedException {
        Path rootfs = Path.of(args[0]);
        ContainerSpec spec = args[2].equals("pipes")
                ? ContainerBuilder.create().rootfs(Rootfs.directory(rootfs)).command("/bin/sleep", "1000").build()
                : Isolation.FULL.builder(rootfs, "/bin/sleep", "1000").build();
        new SleepersMain().measure(spec, Integer.parseInt(args[1]));
        System.exit(0);
    }

    private void measure(ContainerSpec spec, int count) throws IOException, InterruptedException {
        Set<Thread> threadsBefore = threads();
        start(spec, FIRST_FEW); // loads the classes
        stop();
        long heap = heapAfterCollection();
        long rss = residentKibibytes();
        long begin = System.nanoTime();
        start(spec, count);
        print("start", (System.nanoTime() - begin) / NANOS_PER_MILLI / count);
        Set<Thread> threads = threads();
        threads.removeAll(threadsBefore);
        print("threads", threads.size());
        System.out.println("names\t" + threads.stream().map(Thread::getName).sorted().collect(joining(", ")));
        print("heap", (double) (heapAfterCollection() - heap) / count);
        print("rss", (double) (residentKibibytes() - rss) / count);
        print("processes", (double) ProcessHandle.current().descendants().count() / count);
        begin = System.nanoTime();
        stop();
        print("stop", (System.nanoTime() - begin) / NANOS_PER_MILLI / count);
    }

    private void start(ContainerSpec spec, int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            containers.add(spec.start());
        }
    }

    private void stop() {
        containers.forEach(Container::close);
        containers.clear();
    }

    private static void print(String name, double value) {
        System.out.println(name + "\t" + value);
    }

    /// Every platform thread, also those that carry virtual ones.
    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    private static long heapAfterCollection() throws InterruptedException {
        for (int i = 0; i < 3; i++) { // references that the first collection clears are freed by the next
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long residentKibibytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.split("\\s+")[1]);
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
