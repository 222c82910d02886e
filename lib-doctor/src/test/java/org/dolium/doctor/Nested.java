// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerSpec;
import org.dolium.container.MemorySize;
import org.dolium.container.Result;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Slow;

/// A program for a JVM in an outer container: performs the steps that it is told and prints what came of each, below a line
/// with the step's name.
public final class Nested {
    private static final Duration LIMIT = Slow.seconds(5);
    private static final String EATER = "x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 50000000 ] && break; done; echo done";

    private Nested() {}

    public static void main(String[] steps) throws Exception {
        for (String step : steps) {
            System.out.println("== " + step);
            switch (step) {
                case "facts" -> facts();
                case "doctor" -> Examination.print();
                case "run" -> run(shell("echo it runs"));
                case "memory" -> run(shell(EATER).memory(MemorySize.mebibytes(24)));
                case "own-group-memory" -> run(shell(EATER).memory(MemorySize.mebibytes(24)).cgroup(CgroupPlacement.ownGroup()));
                case "own-group-pids" ->
                    run(shell("sleep 9 & sleep 9 & sleep 9 & echo all").pids(3).cgroup(CgroupPlacement.ownGroup()));
                case "own-group-free" -> run(shell(EATER).cgroup(CgroupPlacement.ownGroup()));
                case "group" -> System.out.print(Files.readString(Path.of("/proc/self/cgroup")));
                case "orphan" -> orphan();
                case "join" -> join();
                case "ends" -> ends();
                case "wait" -> awaitStop();
                default -> throw new IllegalArgumentException(step);
            }
        }
        System.out.println("== end");
    }

    private static ContainerBuilder shell(String script) {
        return ContainerBuilder.create().command("sh", "-c", script);
    }

    private static void facts() throws IOException {
        System.out.println("pid " + ProcessHandle.current().pid() + ", uid " + ProcessStatus.self().effectiveUid());
        System.out.println("profile " + Files.readString(Path.of("/proc/self/attr/current")).replace('\0', ' ').trim());
        Files.readString(Path.of("/proc/self/status")).lines().filter(line -> line.startsWith("Seccomp:"))
                .forEach(line -> System.out.println(line.replace('\t', ' ')));
    }

    private static void run(ContainerBuilder builder) throws InterruptedException {
        try {
            ContainerSpec spec = builder.build();
            Result result = spec.run(LIMIT);
            System.out.println(result.status() + ": " + result.stdout().trim() + result.stderr().trim());
            spec.reductions().forEach(line -> System.out.println("reduced: " + line));
        } catch (IOException | IllegalArgumentException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    /// Its process is made by a child of the JVM, and is the JVM's child all the same.
    private static void join() throws Exception {
        try (Container first = shell("sleep 1000").start();
                Container second = shell("exit 5")
                        .namespace(NamespaceKind.PID, NamespaceMode.ofProcess(first.process().toHandle()))
                        .start()) {
            System.out.println(second.waitFor());
        }
    }

    /// A process of a container that has process 1's pid namespace outlives its parent: it is process 1's child then.
    private static void orphan() throws Exception {
        long orphan;
        try (Container container = shell("sleep 1000 > /dev/null & echo $!")
                .namespace(NamespaceKind.PID, NamespaceMode.host())
                .cgroup(CgroupPlacement.ownGroup())
                .start()) {
            orphan = Long.parseLong(container.process().inputReader().readLine());
            System.out.println("ended with " + container.waitFor());
        }
        System.out.println("after close: " + state(orphan));
    }

    private static String state(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        return Files.exists(status)
                ? Files.readString(status).lines().filter(line -> line.startsWith("State:")).findFirst().orElseThrow()
                : "gone";
    }

    /// Children of both kinds, at the same time: nobody takes the other's.
    private static void ends() throws Exception {
        ContainerSpec spec = shell("exit 7").build();
        for (int i = 0; i < 5; i++) {
            Process plain = new ProcessBuilder("/bin/sh", "-c", "sleep 0.05 & exit 3").start();
            try (Container container = spec.start()) {
                System.out.println(container.waitFor() + ", " + plain.waitFor());
            }
        }
    }

    private static void awaitStop() throws Exception {
        Container container = shell("trap 'echo asked; exit 0' TERM; echo started; while :; do sleep 1; done").start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                System.out.println("stopped: " + container.stop(LIMIT));
            } catch (InterruptedException e) {
                System.out.println(e);
            }
            container.close();
            System.out.println("hook done");
        }));
        System.out.println(container.process().inputReader().readLine());
        System.out.println("ready");
        new java.util.concurrent.CountDownLatch(1).await(5, TimeUnit.MINUTES);
    }

    /// The rest of what was printed below the line of a step.
    static String after(String output, String step) {
        int start = output.indexOf("== " + step + "\n");
        if (start < 0) {
            throw new AssertionError("no step '" + step + "' in:\n" + output);
        }
        int end = output.indexOf("\n== ", start);
        return output.substring(start + step.length() + 4, end < 0 ? output.length() : end + 1);
    }
}
