// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A thousand containers that print at the same time, on both streams. LeakCheck looks at what they leave.
@Tag("kernel")
@Tag("root")
@Timeout(1200)
@ExtendWith(LeakCheck.class)
class ManyOutputsTest extends SecurityRows {
    private static final int COUNT = Slow.repeats(1000);
    private static final int LINES = 200;
    private static final int DESCRIPTORS_EACH = 10;
    /// What the JVM may have for all of them: carriers of virtual threads, further ones while some are in the kernel, and Dolium's own.
    private static final int MOST_MORE_THREADS = 3 * Runtime.getRuntime().availableProcessors() + 8;

    /// Wants the lines `first 1`, `first 2`, … in this order.
    private static final class Expected implements Consumer<String> {
        private final String first;
        private final CountDownLatch all;
        private volatile String wrong = "";
        private int last;

        Expected(String first, CountDownLatch all) {
            this.first = first;
            this.all = all;
        }

        @Override
        public void accept(String line) {
            last++;
            if (!line.equals(first + " " + last)) {
                wrong = line + " instead of " + first + " " + last;
            }
            all.countDown();
        }
    }

    private final CountDownLatch told = new CountDownLatch(2 * COUNT * LINES);
    private final List<Expected> expected = new ArrayList<>();
    private final List<Container> containers = new ArrayList<>();
    private final List<ProcessHandle> processes = new ArrayList<>();

    /// Prints when it is told to, half of it on each stream, and then lives on or ends.
    private Container start(int number) throws Exception {
        String script = "read go; i=0; while [ $i -lt " + LINES + " ]; do i=$((i+1)); echo o" + number + " $i; echo e" + number
                + " $i >&2; done; " + (number % 2 == 0 ? "exec sleep 10000" : "exit 3");
        Expected out = new Expected("o" + number, told);
        Expected err = new Expected("e" + number, told);
        expected.add(out);
        expected.add(err);
        Container container = ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script).pids(20)
                .onStdoutLine(out).onStderrLine(err).start();
        ProcessHandle.of(container.pid()).ifPresent(processes::add);
        return container;
    }

    private static boolean roomFor(long descriptors) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                return Long.parseLong(line.split(" {2,}", -1)[1]) >= descriptors;
            }
        }
        return true;
    }

    /// Those of the platform: virtual ones are not in it.
    private static int threads() {
        return Thread.getAllStackTraces().size();
    }

    @Test
    void a_thousand_containers_print_at_once_and_no_line_is_lost() throws Exception {
        MustRun.root();
        MustRun.require(roomFor((long) DESCRIPTORS_EACH * COUNT), DESCRIPTORS_EACH * COUNT + " descriptors (ulimit -n)");
        start(-1).close();
        expected.clear();
        int before = threads();
        int most = 0;
        try {
            for (int i = 0; i < COUNT; i++) {
                containers.add(start(i));
            }
            most = threads();
            for (Container container : containers) {
                container.process().outputWriter().append("go\n").flush();
            }
            long deadline = System.nanoTime() + Slow.seconds(300).toNanos();
            while (!told.await(50, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline) {
                most = Math.max(most, threads());
            }
            assertThat(told.getCount() == 0).as("%d lines are missing", told.getCount()).isTrue();
            for (int i = 0; i < COUNT; i++) {
                ended(i);
            }
        } finally {
            containers.forEach(Container::close);
        }
        assertThat(most - before).as("more threads than before").isLessThanOrEqualTo(MOST_MORE_THREADS);
        assertThat(expected).allSatisfy(one -> assertThat(one.last + one.wrong).isEqualTo(LINES + ""));
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
    }

    private void ended(int number) throws InterruptedException {
        if (number % 2 == 0) {
            assertThat(containers.get(number).isAlive()).isTrue();
        } else {
            assertThat(containers.get(number).waitFor(Slow.seconds(60))).contains(new ExitStatus.Exited(3));
        }
    }
}
