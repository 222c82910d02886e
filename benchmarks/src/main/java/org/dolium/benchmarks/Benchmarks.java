// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The program: `benchmarks/run [--quick] [--only NAME]...`. See benchmarks/README.md.
public final class Benchmarks {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration BUDGET = Duration.ofSeconds(90);
    private static final String USAGE = "usage: benchmarks/run [--quick] [--only NAME]...; names: start, start-plain";

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
            Bench bench = new Bench(workspace, referee, new Peers(workspace, caller), caller,
                    new Quiet(PATIENCE, BUDGET), scale, Table.toStandardOutput());
            new Benchmarks(bench, options).run();
        }
    }

    private void run() throws IOException, InterruptedException {
        if (options.wants("start")) {
            startToExit();
        }
        if (options.wants("start-plain") && bench.caller().root()) {
            PlainRun.run(bench.workspace(), options.quick());
        }
        bench.quiet().report(bench.table());
    }

    private void startToExit() throws IOException, InterruptedException {
        String who = ", as " + bench.caller();
        new StartToExit(bench, everybody(Isolation.MINIMAL), Duration.ZERO)
                .run("Start to exit, " + Isolation.MINIMAL.text() + who, false, Goal.time(Contest.LIMIT, 1.25),
                        Goal.time(Contest.PROCESS_BUILDER, 0.75));
        new StartToExit(bench, everybody(Isolation.FULL), Duration.ZERO)
                .run("Start to exit, " + Isolation.FULL.text() + who, false, Goal.time(Contest.LIMIT, 1.3),
                        Goal.speed(Peers.BWRAP, 2), Goal.speed(Peers.CRUN, 2.5),
                        Goal.speed(Peers.CRUN_WITHOUT_CGROUPS, 2.5), Goal.speed(Peers.RUNC, 8));
    }

    private Contest everybody(Isolation isolation) throws IOException, InterruptedException {
        List<String> names = List.of(Contest.DOLIUM, Contest.DOLIUM_NEW_SPEC, Contest.LIMIT, Contest.BARE,
                Contest.PROCESS_BUILDER, Peers.BWRAP, Peers.CRUN, Peers.CRUN_WITHOUT_CGROUPS, Peers.RUNC);
        return Contest.of(bench, isolation, names.toArray(String[]::new));
    }
}
