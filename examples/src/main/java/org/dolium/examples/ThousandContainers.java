// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerSpec;

/// A thousand containers, one after the other and eight at a time, and how many that are in a second.
///
/// `ThousandContainers [COUNT]`
public final class ThousandContainers {
    private static final int AT_A_TIME = 8;

    private ThousandContainers() {}

    /// How long a number of containers took.
    record Throughput(int count, int atATime, Duration time) {
        double perSecond() {
            return count / (time.toNanos() / 1e9);
        }

        @Override
        public String toString() {
            return "%d containers, %d at a time, in %.2f s: %.0f per second"
                    .formatted(count, atATime, time.toNanos() / 1e9, perSecond());
        }
    }

    public static void main(String[] args) throws Exception {
        int count = args.length == 0 ? 1000 : Integer.parseInt(args[0]);
        measure(Math.min(count, 100), 1); // warms the JVM up
        System.out.println(measure(count, 1));
        System.out.println(measure(count, AT_A_TIME));
    }

    /// Runs `true` in `count` containers of their own, on `atATime` virtual threads.
    static Throughput measure(int count, int atATime) throws IOException, InterruptedException, ExecutionException {
        // README:start many
        ContainerSpec spec = ContainerBuilder.create().command("true").build(); // checked and compiled once
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(atATime, Thread.ofVirtual().factory())) {
            List<Future<Boolean>> ends = IntStream.range(0, count)
                    .mapToObj(i -> threads.submit(() -> spec.run().status().success()))
                    .toList();
            for (Future<Boolean> end : ends) {
                if (!end.get()) {
                    throw new IllegalStateException("true failed");
                }
            }
        }
        // README:end
        return new Throughput(count, atATime, Duration.ofNanos(System.nanoTime() - start));
    }
}
