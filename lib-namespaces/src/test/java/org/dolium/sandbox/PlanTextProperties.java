// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.host.Hosts;
import org.dolium.mount.Mount;
import org.dolium.plan.LaunchPlan;

/// A hostile name in a plan can't pretend to be a step, or a line of a log.
class PlanTextProperties {
    @Property
    void every_step_is_one_line_of_printable_ascii(@ForAll NulProperties.Place place, @ForAll("texts") String more) {
        LaunchPlan plan;
        try {
            plan = place.plan(place.sample() + more);
        } catch (IllegalArgumentException e) {
            return;
        }
        check(plan);
    }

    @Property
    void also_where_a_tree_of_the_jvms_making_is_named(@ForAll("texts") String source) {
        SpecDraft draft = new SpecDraft();
        draft.mounts.add(new Mount.Passed(5, source, "/mnt", true));
        check(SandboxPlanner.plan(draft.spec(), Hosts.root()));
    }

    private static void check(LaunchPlan plan) {
        assertThat(plan.toString().lines()).hasSameSizeAs(plan.steps());
        assertThat(plan.toString().chars()).allMatch(c -> c == '\n' || c >= 0x20 && c < 0x7f);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings(), Arbitraries.strings().withChars("\n\r\"\\$ =\u001b\u2028a").ofMaxLength(12));
    }
}
