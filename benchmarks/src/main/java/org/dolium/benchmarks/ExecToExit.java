// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.CgroupPart;
import org.dolium.container.Container;
import org.dolium.container.ExecBuilder;
import org.dolium.kernel.HostProbe;
import org.dolium.plan.LaunchPlan;

/// A further command, `/bin/true`, in a container that runs: from the request until its exit is known.
final class ExecToExit {
    private static final String DOLIUM_ANEW = "Dolium, built each time";
    private static final String CRUN_EXEC = "crun";
    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));
    private static final Duration GAP = Duration.ofMillis(150);

    private final Bench bench;

    ExecToExit(Bench bench) {
        this.bench = bench;
    }

    void run() throws IOException, InterruptedException {
        try (Container container =
                Isolation.LIMITED.builder(bench.workspace().rootfs(), "/bin/sleep", "1000000").start()) {
            String crun = Peers.find(CRUN_EXEC);
            String id = "dolium-exec-" + ProcessHandle.current().pid();
            Path state = bench.workspace().directory().resolve("state-exec");
            try {
                new StartToExit(bench, contest(container, crun, id, state), Duration.ZERO)
                        .run("A command in a running container, " + Isolation.LIMITED.text(), false,
                                Goal.time(Contest.LIMIT, 1.6), Goal.speed(Peers.CRUN, 7));
                new StartToExit(bench, contest(container, crun, id, state), GAP)
                        .run("The same on an idle host, " + GAP.toMillis() + " ms between commands", true,
                                Goal.speed(Peers.CRUN, 25));
            } finally {
                if (crun != null) {
                    call(List.of(crun, "--root", state.toString(), "delete", "--force", id));
                }
            }
        }
    }

    private Contest contest(Container container, @org.jspecify.annotations.Nullable String crun, String id, Path state)
            throws IOException, InterruptedException {
        Map<String, Subject> subjects = new LinkedHashMap<>();
        Map<String, String> missing = new LinkedHashMap<>();
        ExecBuilder kept = command(container);
        subjects.put(Contest.DOLIUM, new JvmSubject(() -> Contest.check(kept.run())));
        subjects.put(DOLIUM_ANEW, new JvmSubject(() -> Contest.check(command(container).run())));
        Path plan = bench.workspace().directory().resolve("plan-exec");
        write(plan, container, command(container));
        subjects.put(Contest.LIMIT, bench.referee().plan("limit exec", plan));
        if (crun == null) {
            missing.put(Peers.CRUN, "not installed");
            return Contest.of(bench, Isolation.LIMITED, subjects, missing);
        }
        String problem = Files.exists(state) ? "" : startPeer(crun, id, state);
        if (problem.isEmpty()) {
            subjects.put(Peers.CRUN, bench.referee().command(
                    "crun exec", List.of(crun, "--root", state.toString(), "exec", id, "/bin/true")));
        } else {
            missing.put(Peers.CRUN, problem);
        }
        return Contest.of(bench, Isolation.LIMITED, subjects, missing);
    }

    private static ExecBuilder command(Container container) {
        return container.exec("/bin/true").redirectInput(NOTHING).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
    }

    private String startPeer(String crun, String id, Path state) throws IOException, InterruptedException {
        Path bundle = bench.workspace().directory().resolve("bundle-exec");
        OciBundle.write(bundle, bench.workspace().rootfs(), Isolation.LIMITED, bench.caller(), true);
        Path config = bundle.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("[\"/bin/true\"]", "[\"/bin/sleep\", \"1000000\"]"));
        return call(List.of(crun, "--root", state.toString(), "run", "--detach", "--bundle", bundle.toString(), id));
    }

    /// Nothing, or what it said when it failed.
    private static String call(List<String> command) throws IOException, InterruptedException {
        File output = File.createTempFile("dolium-benchmarks-", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true).redirectInput(NOTHING).redirectOutput(output).start();
            int status = process.waitFor();
            String text = Files.readString(output.toPath(), StandardCharsets.UTF_8).strip();
            return status == 0 ? "" : text.isEmpty() ? "exit status " + status : text.lines().findFirst().orElseThrow();
        } finally {
            Files.delete(output.toPath());
        }
    }

    /// Writes the plan for the referee, and how it gets into the container; see `group.c`.
    private static void write(Path file, Container container, ExecBuilder command) throws IOException {
        try {
            Method plan = ExecBuilder.class.getDeclaredMethod("plan");
            plan.setAccessible(true);
            PlanFile.write(file, (LaunchPlan) Objects.requireNonNull(plan.invoke(command)), 0, null, HostProbe.host().arch());
            Field group = Container.class.getDeclaredField("group");
            group.setAccessible(true);
            Cgroup cgroup = (Cgroup) OwnPlan.component(Objects.requireNonNull(group.get(container)), "cgroup");
            List<String> lines = new ArrayList<>(List.of("enter " + container.pid()));
            for (CgroupPart part : cgroup == null ? List.<CgroupPart>of() : cgroup.parts()) {
                String path = part.directory().path();
                lines.add(part.controller() == null ? "directory " + path : "file " + path + "/tasks");
            }
            Files.write(file.resolveSibling(file.getFileName() + ".cgroups"), lines);
        } catch (ReflectiveOperationException e) {
            throw new IOException("the plan of a further command is no longer where it was", e);
        }
    }
}
