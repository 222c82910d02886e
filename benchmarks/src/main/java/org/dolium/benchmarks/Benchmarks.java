// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The program: `benchmarks/run`. See benchmarks/README.md.
public final class Benchmarks {
    private static final Duration GAP = Duration.ofMillis(150);
    private static final String USAGE = "usage: benchmarks/run [--quick] [--patience SECONDS] [--only NAME]...\n"
            + "names: " + String.join(", ", Options.NAMES);

    private final Bench bench;
    private final Options options;

    private Benchmarks(Bench bench, Options options) {
        this.bench = bench;
        this.options = options;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Options options = Options.parse(args);
        if (options == null) {
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        Identity caller = Identity.current();
        Scale scale = options.quick() ? Scale.QUICK : Scale.FULL;
        try (Workspace workspace = Workspace.create();
                Referee referee = Referee.start(Path.of(System.getProperty("dolium.limit")))) {
            workspace.closeAtExit();
            Bench bench = new Bench(workspace, referee, new Peers(workspace, caller), caller,
                    new Quiet(options.patience()), scale, Table.toStandardOutput());
            new Benchmarks(bench, options).run();
        }
    }

    private void run() throws IOException, InterruptedException {
        if (options.wants("start")) {
            startToExit();
        }
        if (options.wants("start-plain") && bench.caller().root()) {
            PlainRun.run(bench.workspace(), options);
        }
        if (options.wants("idle-host")) {
            idleHost();
        }
        if (options.wants("limits") && bench.caller().root()) {
            limits();
        }
        if (options.wants("exec") && bench.caller().root()) {
            new ExecToExit(bench).run();
        }
        if (options.wants("rates")) {
            rates();
        }
        if (options.wants("first")) {
            new FirstContainer(bench).run();
        }
        if (options.wants("sleepers")) {
            new Sleepers(bench, options.quick()).run();
        }
        if (options.wants("usage") && bench.caller().root()) {
            new UsageReading(bench, options.quick()).run();
        }
        if (options.wants("streams")) {
            new Streams(bench, options.quick()).run();
        }
        if (options.wants("image")) {
            new ImageStart(bench).run();
        }
        if (options.wants("unpack") && bench.caller().root()) {
            new Unpacking(bench, options.quick()).run();
        }
        if (options.wants("jars")) {
            JarSizes.print(bench.table());
        }
    }

    private void startToExit() throws IOException, InterruptedException {
        String who = ", as " + bench.caller();
        new StartToExit(bench, everybody(Isolation.MINIMAL), Duration.ZERO)
                .run("Start to exit, " + Isolation.MINIMAL.text() + who, false, Goal.time(Contest.LIMIT, 1.25),
                        Goal.time(Contest.PROCESS_BUILDER, 0.75));
        new StartToExit(bench, everybody(Isolation.FULL), Duration.ZERO)
                .run("Start to exit, " + Isolation.FULL.text() + who, false, Goal.time(Contest.LIMIT, 1.3),
                        Goal.time(Contest.DOLIUM_UNFILTERED, 1.08), Goal.speed(Peers.BWRAP, 2), Goal.speed(Peers.CRUN, 2.5),
                        Goal.speed(Peers.CRUN_WITHOUT_CGROUPS, 2.5), Goal.speed(Peers.RUNC, 8));
    }

    /// What the limits cost, and that they cost an idle host no grace period of the kernel's.
    private void limits() throws IOException, InterruptedException {
        Contest busy = Contest.of(bench, Isolation.LIMITED, Contest.DOLIUM, Contest.LIMIT, Peers.CRUN, Peers.RUNC);
        new StartToExit(bench, busy, Duration.ZERO)
                .run("Start to exit, " + Isolation.LIMITED.text(), false, Goal.time(Contest.LIMIT, 1.3),
                        Goal.speed(Peers.CRUN, 2.5), Goal.speed(Peers.RUNC, 8));
        Contest idle = Contest.of(bench, Isolation.LIMITED, Contest.DOLIUM, Contest.LIMIT, Peers.CRUN, Peers.RUNC);
        new StartToExit(bench, idle, GAP)
                .run("The same on an idle host, " + GAP.toMillis() + " ms between starts, " + Isolation.LIMITED.text(),
                        true, Goal.speed(Peers.CRUN, 5), Goal.speed(Peers.RUNC, 8));
    }

    private Contest everybody(Isolation isolation) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>(List.of(Contest.DOLIUM, Contest.DOLIUM_NEW_SPEC, Contest.LIMIT, Contest.BARE,
                Contest.PROCESS_BUILDER, Peers.BWRAP, Peers.CRUN, Peers.CRUN_WITHOUT_CGROUPS, Peers.RUNC));
        if (isolation.group()) {
            names.addAll(1, List.of(Contest.DOLIUM_UNFILTERED, Contest.DOLIUM_PLAIN));
        }
        return Contest.of(bench, isolation, names.toArray(String[]::new));
    }

    private void idleHost() throws IOException, InterruptedException {
        Contest contest = Contest.of(bench, Isolation.FULL, Contest.DOLIUM, Contest.DOLIUM_PLAIN,
                Contest.LIMIT, Peers.CRUN, Peers.CRUN_WITHOUT_CGROUPS, Peers.RUNC);
        new StartToExit(bench, contest, GAP)
                .run("The same on an idle host, " + GAP.toMillis() + " ms between starts, " + Isolation.FULL.text(),
                        true, Goal.speed(Peers.CRUN, 4), Goal.speed(Peers.CRUN_WITHOUT_CGROUPS, 4));
    }

    private void rates() throws IOException, InterruptedException {
        Map<String, Double> goals = new LinkedHashMap<>();
        goals.put(Contest.LIMIT, 0.75);
        goals.put(Peers.CRUN, 2.5);
        goals.put(Peers.CRUN_WITHOUT_CGROUPS, 2.5);
        for (Isolation isolation : List.of(Isolation.NO_NETWORK, Isolation.FULL)) {
            Contest contest = Contest.of(bench, isolation, Contest.DOLIUM, Contest.DOLIUM_PLAIN,
                    Contest.LIMIT, Peers.BWRAP, Peers.CRUN, Peers.CRUN_WITHOUT_CGROUPS);
            new Rates(bench, contest).run("Starts per second, " + isolation.text(), goals);
        }
    }
}
