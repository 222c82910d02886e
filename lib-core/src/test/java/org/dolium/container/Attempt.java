// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;
import org.dolium.confinement.Landlock;
import org.dolium.testing.Refusal;

/// A program for special situations: makes its situation worse if told so, then starts a container and prints what came
/// of it.
public final class Attempt {
    private Attempt() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String[] step = arguments[i].split("=", 2);
            switch (step[0]) {
                case "run" -> run(builder(root));
                case "below" -> run(builder(root).cgroup(CgroupPlacement.below(step[1])));
                case "start" ->
                    System.out.println("group " + GroupFiles.of(builder(root).command("cat").start(), Controller.PIDS));
                case "start-and-close" -> {
                    try (Container container = builder(root).command("cat").start()) {
                        System.out.println("group " + GroupFiles.of(container, Controller.PIDS));
                    }
                }
                case "wait" -> System.in.read();
                case "run-in-user-namespace" -> run(builder(root).userNamespace(UserNamespace.single()));
                case "isolated" -> run(builder(root).userNamespace(UserNamespace.isolated())
                        .command("sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g /etc/passwd"));
                case "without-namespaces" -> run(alone().command("sh", "-c", "cat /proc/self/status | grep -E '^(Sig(Blk|Ign|Cgt)|NoNew|Seccomp:)';"
                        + " cat /etc/hostname || echo it runs"));
                case "storm-without-namespaces" -> System.out.println(OddJvm.storm(alone(), Integer.parseInt(step[1])));
                case "subordinate" -> run(builder(root).userNamespace(UserNamespace.subordinate()));
                case "exhaust" -> exhaust(builder(root).command("cat"));
                case "endless-output" -> endlessOutput(builder(root));
                case "cgroup" -> run(cgroup(root, step[1]));
                case "cgroup-without-control" -> System.out.print(writableSys(cgroup(root, step[1])).run().stdout());
                case "groups" -> System.out.print(groups(root).run().stdout());
                case "groups-without-setgroups" ->
                    System.out.print(Variant.without(groups(root), "setgroups\\(.*").run().stdout());
                case "clone3-fails-with" -> Refusal.ofClone3(Integer.parseInt(step[1]));
                case "processes-at-most" -> Refusal.ofMoreProcesses(Long.parseLong(step[1]));
                case "write" -> Files.writeString(Path.of(step[1].split(":", 2)[0]), step[1].split(":", 2)[1]);
                case "print" -> System.out.println(step[1]);
                case "attack-output" -> builder(root)
                        .command("sh", "-c", ": > /proc/self/fd/1; : > /proc/self/fd/2; echo gone 1<> /proc/self/fd/1")
                        .run();
                case "storm" -> System.out.println(OddJvm.storm(builder(root), Integer.parseInt(step[1])));
                case "state" -> System.out.print(OddJvm.timerSlackChecked(OddJvm.state(builder(root))).run().stdout());
                case "state-without-reset" -> System.out.print(
                        Variant.without(OddJvm.state(builder(root)), "setpriority\\(.*").run().stdout());
                case "cores" -> System.out.print(cores(root).run().stdout());
                case "cores-without-limit" -> System.out.print(
                        Variant.without(cores(root), "prlimit64\\(0, RLIMIT_CORE.*").run().stdout());
                case "ignored-without-reset" -> System.out.print(Variant.without(
                                builder(root).command("grep", "SigIgn", "/proc/self/status"), "rt_sigaction\\(.*")
                        .run().stdout());
                case "endless" -> OddJvm.startEndlessly(builder(root).command("sleep", step[1]).build());
                case "endless-without-death-signal" -> OddJvm.startEndlessly(
                        OddJvm.withoutDeathSignal(builder(root).command("sleep", step[1])));
                case "layer" -> OddJvm.startEndlessly(builder(root)
                        .rootfs(Rootfs.overlay(root).upperOnDisk(Path.of(step[1]))).command("sleep", "100").build(), 1);
                case "die-before-maps" -> OddJvm.dieBeforeMaps(builder(root), Path.of(step[1]));
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
    }

    private static ContainerBuilder builder(Path root) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", "echo it runs");
    }

    /// The host's cgroups are to be seen where the host's network is.
    private static ContainerBuilder cgroup(Path root, String path) {
        return builder(root).network(Network.host()).command("sh", "-c", "cd " + path + " && mkdir in 2>&1 && rmdir in && echo made;"
                + " sh -c 'echo 0 > cgroup.procs' 2>&1");
    }

    private static ContainerSpec writableSys(ContainerBuilder builder) throws Exception {
        String tree = builder.explain().replaceFirst("(?s).*\\$(\\d+) = open_tree\\(AT_FDCWD, \"/sys\".*", "$1");
        return Variant.without(builder, "mount_setattr\\(\\$" + tree + ", .*");
    }

    /// Starts containers until that fails, ends them, and tries again.
    private static void exhaust(ContainerBuilder builder) throws Exception {
        builder.start().close(); // later there may be no descriptor to read a class with
        List<Container> running = new ArrayList<>();
        try {
            while (running.size() < 1000) {
                running.add(builder.start());
            }
            System.out.println("there is no limit");
        } catch (IOException e) {
            System.out.println(e.getClass().getSimpleName() + " after " + running.size() + ": " + e.getMessage());
        } finally {
            for (Container container : running) {
                container.close();
            }
        }
    }

    private static void endlessOutput(ContainerBuilder builder) throws Exception {
        for (int i = 0; i < 8; i++) {
            Result result = builder.command("sh", "-c", "yes | head -c 100000000").run(Duration.ofSeconds(60));
            System.out.println(result.status() + ", truncated " + result.truncated());
        }
    }

    private static ContainerBuilder alone() {
        return ContainerBuilder.create().withoutNamespaces()
                .landlock(Landlock.create().execute("/usr", "/lib", "/lib64", "/bin").readOnly("/proc"));
    }

    private static ContainerBuilder cores(Path root) {
        return builder(root).command("sh", "-c", "ulimit -Sc; ulimit -Hc");
    }

    private static ContainerBuilder groups(Path root) {
        return builder(root).user("1000:1000").command("grep", "Groups", "/proc/self/status");
    }

    private static void run(ContainerBuilder builder) throws InterruptedException {
        try {
            Result result = builder.run(Duration.ofSeconds(20));
            System.out.println(result.status() + ": " + result.stdout().trim());
        } catch (IOException | IllegalArgumentException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
