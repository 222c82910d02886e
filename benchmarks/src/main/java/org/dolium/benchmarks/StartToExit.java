// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Start to exit of `/bin/true`, one after the other: every subject has a turn in every round, and each round begins with another,
/// because a machine that was idle before is slow at first.
final class StartToExit {
    private static final int UNMEASURED = 3;

    private final Bench bench;
    private final Contest contest;
    private final Duration gap;
    private final Map<String, Samples> samples = new LinkedHashMap<>();

    StartToExit(Bench bench, Contest contest, Duration gap) {
        this.bench = bench;
        this.contest = contest;
        this.gap = gap;
    }

    /// Runs all rounds and prints the table.
    ///
    /// @param tail whether our 99th percentile shall be below the median of crun
    void run(String title, boolean tail, Goal... goals) throws IOException, InterruptedException {
        bench.quiet().beginTable();
        for (String name : contest.subjects().keySet()) {
            samples.put(name, new Samples());
        }
        Map<String, Integer> starts = warmUp();
        for (int round = 0; round < bench.scale().rounds(); round++) {
            bench.quiet().await();
            List<String> names = new ArrayList<>(contest.subjects().keySet());
            Collections.rotate(names, round);
            for (String name : names) {
                turn(name, starts.get(name));
            }
        }
        print(title, tail, List.of(goals));
    }

    /// Starts all a few times, ours until it is compiled, and finds out how many starts make a turn.
    private Map<String, Integer> warmUp() throws IOException, InterruptedException {
        Map<String, Integer> starts = new LinkedHashMap<>();
        for (Map.Entry<String, Subject> entry : contest.subjects().entrySet()) {
            int n = entry.getValue() instanceof JvmSubject ? bench.scale().warmUp() : UNMEASURED;
            long[] nanos = entry.getValue().startToExitNanos(n, Duration.ZERO);
            starts.put(entry.getKey(), gap.isZero() ? bench.scale().starts(nanos[n - 1]) : bench.scale().gapped());
        }
        return starts;
    }

    private void turn(String name, int starts) throws InterruptedException {
        Subject subject = contest.subjects().get(name);
        try {
            subject.startToExitNanos(UNMEASURED, Duration.ZERO);
            samples.get(name).addRound(bench.quiet().undisturbed(() -> subject.startToExitNanos(starts, gap)));
        } catch (IOException e) {
            contest.drop(name, e.getMessage());
        }
    }

    private void print(String title, boolean tail, List<Goal> goals) {
        Table table = bench.table();
        table.heading(title);
        table.header("", "median ms", "p99 ms", "Dolium against it", "target", "met");
        Samples ours = samples.get(Contest.DOLIUM);
        for (Map.Entry<String, Samples> entry : samples.entrySet()) {
            if (!entry.getValue().isEmpty() && !ours.isEmpty()) {
                row(entry.getKey(), samples.get(contest.equalTo(entry.getKey())), entry.getValue(), goals);
            }
        }
        if (tail && !samples.get(Peers.CRUN).isEmpty()) {
            boolean met = ours.p99() < samples.get(Peers.CRUN).median();
            table.row("Dolium's p99 against crun's median", "", Table.number(ours.p99()), "", "below",
                    Table.met(met));
        }
        contest.missing().forEach((name, why) -> table.row(name, "not run: " + why, "", "", "", ""));
        bench.quiet().endTable(table);
    }

    private void row(String name, Samples ours, Samples its, List<Goal> goals) {
        List<String> cells = new ArrayList<>(List.of(name, Table.number(its.median()), Table.number(its.p99())));
        Goal goal = goals.stream().filter(g -> g.against().equals(name)).findFirst().orElse(null);
        if (name.equals(Contest.DOLIUM) || name.equals(Contest.DOLIUM_PLAIN)) {
            cells.addAll(List.of("", "", ""));
        } else if (goal == null) {
            cells.addAll(List.of(Goal.speed(name, 0).ratio(ours.median(), its.median()), "", ""));
        } else {
            cells.addAll(List.of(
                    goal.ratio(ours.median(), its.median()), goal.target(), goal.verdict(ours.median(), its.median())));
        }
        bench.table().row(cells.toArray(String[]::new));
    }
}
