// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.time.Duration;
import org.dolium.cgroup.Stats;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ExitStatus;
import org.dolium.container.MemorySize;

/// A container that needs more and more memory until it has no more, and what can be seen of that: figures from time to
/// time, and events. Needs a host where memory can be limited; `dolium doctor` says whether this is one.
public final class Watched {
    private static final String GREEDY =
            "x=12345678; while :; do x=$x$x; sleep 0.05; done"; // every round twice as long
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private Watched() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // README:start watched
        try (Container container = ContainerBuilder.create()
                .command("sh", "-c", GREEDY)
                .memory(MemorySize.mebibytes(64))
                .start()) {
            container.stats(INTERVAL, stats -> System.out.println(line(stats)));
            container.onEvent(event -> System.out.println("event: " + event));
            ExitStatus status = container.waitFor();
            System.out.println(status);
        }
        // README:end
    }

    private static String line(Stats stats) {
        return "%5d ms of processor time, %8d KiB of memory, %d tasks".formatted(
                stats.cpu().totalNanos().orElse(0) / 1_000_000, stats.memory().currentBytes().orElse(0) / 1024,
                stats.pids().current().orElse(0));
    }
}
