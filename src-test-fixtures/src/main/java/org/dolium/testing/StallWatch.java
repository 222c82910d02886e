// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Prints what all threads do and which processes there are when no test has ended for a while: where nobody can look, as in the
/// test machine, that is all that is known of a test that hangs.
final class StallWatch {
    private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(240);

    private static volatile long last;

    private StallWatch() {}

    static void start() {
        progress();
        Thread watch = new Thread(StallWatch::watch, "stall-watch");
        watch.setDaemon(true);
        watch.start();
    }

    static void progress() {
        last = System.nanoTime();
    }

    private static void watch() {
        while (true) {
            long left = WHILE_NANOS - (System.nanoTime() - last);
            try {
                Thread.sleep(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left) + 1));
            } catch (InterruptedException e) {
                return;
            }
            if (System.nanoTime() - last >= WHILE_NANOS) {
                print();
                progress();
            }
        }
    }

    private static void print() {
        StringBuilder text = new StringBuilder("no test has ended for a while\n");
        for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
            text.append(thread.getKey()).append('\n');
            for (StackTraceElement element : thread.getValue()) {
                text.append("    at ").append(element).append('\n');
            }
        }
        ProcessHandle.allProcesses().forEach(process ->
                text.append(process.pid()).append(' ').append(process.info().commandLine().orElse("")).append('\n'));
        System.out.print(text);
    }
}
