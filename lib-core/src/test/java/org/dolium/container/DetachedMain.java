// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.launch.Parked;
import org.dolium.sandbox.FollowUp;
import org.dolium.sandbox.FollowUpPlanner;

/// A JVM of its own for tests of detached containers: does what it is told and says so, a line each.
public final class DetachedMain {
    private DetachedMain() {}

    /// @param arguments state directory, root file system, what to do, and with what
    public static void main(String[] arguments) throws Exception {
        Containers containers = Containers.at(Path.of(arguments[0]));
        List<String> rest = Arrays.asList(arguments).subList(3, arguments.length);
        switch (arguments[2]) {
            case "start", "start-at-terminal" -> {
                ContainerBuilder builder = builder(arguments[1], rest.subList(1, rest.size()));
                if (arguments[2].equals("start-at-terminal")) {
                    builder.terminal();
                }
                System.out.println("begins");
                System.out.println("started " + start(containers, builder, rest.getFirst()));
                System.out.println("done");
            }
            case "start-after" -> { // name, file of AfterMain, script, and what is wished
                AfterEnd after = AfterMain.after(Path.of(arguments[1]), Path.of(rest.get(1)), rest.get(2));
                after = rest.get(3).equals("remove") ? after.remove() : after.restart(RestartPolicy.parse(rest.get(3)));
                ContainerBuilder builder = builder(arguments[1], List.of("sh", "-c", rest.get(2)));
                System.out.println("begins");
                System.out.println("started " + containers.start(builder, DetachedOptions.standard().name(rest.getFirst()).afterEnd(after)).id());
                System.out.println("done");
            }
            case "start-killed" -> { // as before, and at which point this JVM kills itself; nothing is said then
                AfterEnd after = AfterMain.after(Path.of(arguments[1]), Path.of(rest.get(1)), rest.get(2)).restart(RestartPolicy.always());
                ContainerBuilder builder = builder(arguments[1], List.of("sh", "-c", rest.get(2)));
                KillPoints.begin(Long.parseLong(rest.get(3)));
                containers.start(builder, DetachedOptions.standard().name(rest.getFirst()).afterEnd(after));
                System.out.println(KillPoints.end());
            }
            case "park" -> { // a process that would write a file after so many milliseconds, and never is released
                List<byte[]> command = List.of("/bin/touch".getBytes(), rest.getFirst().getBytes());
                FollowUp followUp = new FollowUp(Duration.ofMillis(1), false, null, Duration.ZERO, command, List.of());
                try (Fd nothing = Fd.open("/dev/null", 2, 0);
                        Parked parked = Parked.make(FollowUpPlanner.plan(followUp), List.of(nothing, nothing, nothing), List.of())) {
                    System.out.println(parked.pid());
                    Thread.sleep(Duration.ofDays(1));
                }
            }
            case "start-and-wait" -> {
                System.out.println("started " + start(containers, builder(arguments[1], rest.subList(1, rest.size())), rest.getFirst()));
                Thread.sleep(Duration.ofDays(1));
            }
            case "start-again-and-wait" -> {
                Path root = Path.of(arguments[1]);
                String script = rest.get(2);
                AfterEnd after = AfterMain.after(root, Path.of(rest.get(1)), script).restart(RestartPolicy.always());
                System.out.println("started " + containers.start(
                        builder(arguments[1], List.of("sh", "-c", script)), DetachedOptions.standard().name(rest.get(0)).afterEnd(after)).id());
                Thread.sleep(Duration.ofDays(1));
            }
            case "start-when-told" -> {
                ContainerBuilder builder = builder(arguments[1], rest.subList(1, rest.size()));
                System.out.println("ready");
                System.in.read();
                System.out.println("started " + start(containers, builder, rest.getFirst()));
            }
            case "attach" -> {
                Attachment attached = containers.find(rest.getFirst()).orElseThrow().attach();
                attached.input().write(rest.get(1).getBytes(StandardCharsets.UTF_8));
                attached.output().transferTo(System.out);
            }
            case "logs" -> containers.find(rest.getFirst()).orElseThrow().logs().forEach(line -> System.out.println(line.text()));
            case "state" -> {
                DetachedContainer container = containers.find(rest.getFirst()).orElseThrow();
                System.out.println(container.state() + " " + container.exitStatus().map(ExitStatus::toString).orElse("-"));
            }
            case "exec" -> {
                Result result = exec(containers, rest).run(Duration.ofSeconds(60));
                System.out.print(result.stdout());
                System.out.println(result.status());
            }
            case "exec-and-wait" -> {
                System.out.println("started " + exec(containers, rest).start().pid());
                Thread.sleep(Duration.ofDays(1));
            }
            case "exec-detached" -> System.out.println("started " + exec(containers, rest).startDetached());
            case "stop" -> System.out.println(containers.find(rest.getFirst()).orElseThrow().stop(Duration.ofSeconds(30)));
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    private static ExecBuilder exec(Containers containers, List<String> rest) throws Exception {
        return containers.find(rest.getFirst()).orElseThrow().exec(rest.subList(1, rest.size()));
    }

    private static ContainerBuilder builder(String root, List<String> command) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(Path.of(root))).command(command);
    }

    private static String start(Containers containers, ContainerBuilder builder, String name) throws Exception {
        try {
            return containers.start(builder, DetachedOptions.standard().name(name)).id();
        } catch (java.io.IOException e) {
            return "not: " + e.getMessage();
        }
    }
}
