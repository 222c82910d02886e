// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.util.ArrayList;
import java.util.List;

/// What one subject gave in all rounds. Its figure is the median of the rounds' medians; the 99th percentile is over all
/// single values.
final class Samples {
    private static final double NANOS_PER_MILLI = 1e6;

    private final List<Double> medians = new ArrayList<>();
    private final List<Double> all = new ArrayList<>();

    /// One round of times, as milliseconds.
    void addRound(long[] nanos) {
        List<Double> millis = new ArrayList<>();
        for (long value : nanos) {
            millis.add(value / NANOS_PER_MILLI);
        }
        all.addAll(millis);
        medians.add(quantile(millis, 0.5));
    }

    /// A round that gave a single figure.
    void addRound(double value) {
        medians.add(value);
        all.add(value);
    }

    boolean isEmpty() {
        return medians.isEmpty();
    }

    double median() {
        return quantile(medians, 0.5);
    }

    double p99() {
        return quantile(all, 0.99);
    }

    private static double quantile(List<Double> values, double q) {
        List<Double> sorted = values.stream().sorted().toList();
        int size = sorted.size();
        if (q == 0.5 && size % 2 == 0) {
            return (sorted.get(size / 2 - 1) + sorted.get(size / 2)) / 2;
        }
        return sorted.get((int) Math.ceil(q * size) - 1);
    }
}
