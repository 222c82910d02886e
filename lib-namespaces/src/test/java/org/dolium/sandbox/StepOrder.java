// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.dolium.plan.LaunchPlan;

/// Where in a plan the steps are whose text matches a regular expression.
record StepOrder(List<String> steps) {
    static StepOrder of(LaunchPlan plan) {
        return new StepOrder(plan.steps().stream().map(Object::toString).toList());
    }

    int[] all(String regex) {
        return IntStream.range(0, steps.size()).filter(i -> steps.get(i).matches("(?s)" + regex + ".*")).toArray();
    }

    int first(String regex) {
        assertThat(all(regex)).as("steps like %s in\n%s", regex, String.join("\n", steps)).isNotEmpty();
        return all(regex)[0];
    }

    int last(String regex) {
        first(regex);
        int[] all = all(regex);
        return all[all.length - 1];
    }

    /// Every step like `earlier` comes before every step like `later`, and there are both.
    void before(String earlier, String later) {
        assertThat(last(earlier))
                .as("%s comes before %s in\n%s", earlier, later, String.join("\n", steps))
                .isLessThan(first(later));
    }
}
