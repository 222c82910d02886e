// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Starts per second with 1, 2, 8 and 32 callers at once. Every subject has a turn in every round, each after a quiet
/// moment: the kernel dissolves network namespaces later, and would do it at the expense of the next.
final class Rates {
    private static final int[] IN_FLIGHT = {1, 2, 8, 32};
    private static final int EIGHT = 2;
    private static final int THIRTY_TWO = 3;
    /// What two measurements of the same may differ by.
    private static final double NO_FALL = 0.95;

    private final Bench bench;
    private final Contest contest;
    private final Map<String, List<Samples>> samples = new LinkedHashMap<>();

    Rates(Bench bench, Contest contest) {
        this.bench = bench;
        this.contest = contest;
    }

    /// Runs all rounds and prints the table.
    ///
    /// @param goals how many times faster than whom it shall be, with 8 and with 32 in flight
    void run(String title, Map<String, Double> goals) throws IOException, InterruptedException {
        bench.quiet().beginTable();
        for (String name : contest.subjects().keySet()) {
            List<Samples> row = new ArrayList<>();
            for (int i = 0; i < IN_FLIGHT.length; i++) {
                row.add(new Samples());
            }
            samples.put(name, row);
        }
        for (String name : List.of(Contest.DOLIUM, Contest.DOLIUM_PLAIN)) { // until it is compiled
            contest.subjects().get(name).startsPerSecond(IN_FLIGHT[EIGHT], bench.scale().rateTime().multipliedBy(3));
        }
        for (int round = 0; round < bench.scale().rateRounds(); round++) {
            for (int i = 0; i < IN_FLIGHT.length; i++) {
                for (String name : List.copyOf(contest.subjects().keySet())) {
                    turn(name, i);
                }
            }
        }
        print(title, goals);
    }

    private void turn(String name, int i) throws IOException, InterruptedException {
        bench.quiet().await();
        try {
            Subject subject = contest.subjects().get(name);
            double rate = bench.quiet()
                    .undisturbed(() -> subject.startsPerSecond(IN_FLIGHT[i], bench.scale().rateTime()));
            samples.get(name).get(i).addRound(rate);
        } catch (IOException e) {
            contest.drop(name, e.getMessage());
            samples.remove(name);
        }
    }

    private void print(String title, Map<String, Double> goals) {
        Table table = bench.table();
        table.heading(title);
        table.header("starts per second", "1", "2", "8", "32 in flight", "target", "met");
        samples.forEach((name, row) -> table.row(cells(name, medians(row), "", "")));
        contest.missing().forEach((name, why) -> table.row(name, "not run: " + why, "", "", "", "", ""));
        double[] ours = medians(samples.get(Contest.DOLIUM));
        samples.forEach((name, row) -> {
            if (!name.equals(Contest.DOLIUM) && !name.equals(Contest.DOLIUM_PLAIN)) {
                ratio(name, medians(samples.get(contest.equalTo(name))), medians(row), goals.get(name));
            }
        });
        double kept = ours[THIRTY_TWO] / ours[EIGHT];
        table.row("Dolium, 32 ÷ 8 in flight", "", "", "", Table.number(kept), "≥ " + NO_FALL,
                Table.met(kept >= NO_FALL));
        bench.quiet().endTable(table);
    }

    private void ratio(String name, double[] ours, double[] its, @Nullable Double goal) {
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours[i] / its[i];
        }
        if (goal == null) {
            bench.table().row(cells("Dolium ÷ " + name, ratios, "", ""));
            return;
        }
        boolean met = ratios[EIGHT] >= goal && ratios[THIRTY_TWO] >= goal;
        bench.table().row(cells("Dolium ÷ " + name, ratios, "≥ " + goal + " at 8 and 32", Table.met(met)));
    }

    private static double[] medians(List<Samples> row) {
        return row.stream().mapToDouble(Samples::median).toArray();
    }

    private static String[] cells(String name, double[] values, String target, String met) {
        List<String> cells = new ArrayList<>(List.of(name));
        for (double value : values) {
            cells.add(Table.number(value));
        }
        cells.add(target);
        cells.add(met);
        return cells.toArray(String[]::new);
    }
}
