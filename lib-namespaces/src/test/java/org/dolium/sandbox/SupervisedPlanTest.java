// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.host.Host;
import org.dolium.host.Hosts;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.namespace.IdMaps;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SupervisedCalls;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;

/// Plans with calls that wait for the JVM.
class SupervisedPlanTest {
    private static final SeccompTarget TARGET = new SeccompTarget(Arch.X86_64, 0, 6, 1);

    private static SpecDraft draft(boolean noNewPrivileges) {
        SpecDraft draft = new SpecDraft();
        draft.noNewPrivileges = noNewPrivileges;
        draft.supervised = new SupervisedCalls(SeccompProfile.standard(), TARGET, List.of("mount", "execve"), 42);
        return draft;
    }

    /// The filter and all that comes after it.
    private static String end(LaunchPlan plan) {
        String text = plan.toString();
        return text.substring(text.indexOf("from here on")).replaceAll("(?m)^\\$\\d+ = ", "");
    }

    @Test
    void golden_end_of_a_plan() throws IOException {
        Golden.check("sandbox-supervised", end(SandboxPlanner.plan(draft(true).spec(), Hosts.root())));
    }

    @Test
    void golden_end_of_a_plan_that_changes_ids_after_the_filter() throws IOException {
        SpecDraft draft = draft(false).mapped(IdMaps.parse("0:100000:65536")).user(33);
        Golden.check("sandbox-supervised-early", end(SandboxPlanner.plan(draft.spec(), Hosts.root())));
    }

    @Test
    void the_kernel_of_6_1_can_let_calls_wait_undisturbed_and_that_of_5_15_can_not() {
        Host root = Hosts.root();
        Host old = new Host(root.arch(), 5, 15, root.lastCapability(), 0, 0, root.capabilities(), true, false, true, -1, true, List.of());
        assertThat(end(SandboxPlanner.plan(draft(true).spec(), root))).contains("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
        assertThat(end(SandboxPlanner.plan(draft(true).spec(), old))).doesNotContain("KILLABLE").contains("NEW_LISTENER");
    }

    /// Else it would wait for a JVM that waits for it, or be refused by the profile.
    @Test
    void after_the_filter_a_plan_makes_only_calls_that_its_secret_lets_pass() {
        for (boolean early : new boolean[] {true, false}) {
            for (Host host : List.of(Hosts.root(), Hosts.plain())) {
                SpecDraft draft = host.privileged() ? draft(early).user(7) : draft(early).mapped(IdMaps.single(0, 1000));
                draft.capabilities = CapabilitySets.standard();
                List<Step> steps = SandboxPlanner.plan(draft.spec(), host).steps();
                int filter = -1;
                for (int i = 0; i < steps.size(); i++) {
                    filter = steps.get(i) instanceof Step.Pass ? i + 1 : filter;
                    if (filter >= 0 && i > filter && steps.get(i) instanceof Step.Call call) {
                        assertThat(SupervisedCalls.isOfTheLaunch(call.call().sys().text())).as(call.toString()).isTrue();
                        assertThat(call.call().args()).hasSizeLessThan(6);
                    }
                }
                assertThat(filter).isGreaterThan(0);
            }
        }
    }

    @Test
    void the_secret_is_in_no_text() {
        SpecDraft draft = draft(true);
        draft.supervised = new SupervisedCalls(SeccompProfile.standard(), TARGET, List.of("mount"), 0x7788_99aa_bbcc_ddeeL);
        LaunchPlan plan = SandboxPlanner.plan(draft.spec(), Hosts.root());
        assertThat(plan.toString()).doesNotContain("7788", Long.toString(0x7788_99aa_bbcc_ddeeL));
        assertThat(plan.steps()).anySatisfy(step -> assertThat(step).isInstanceOf(Step.Pass.class));
        assertThat(Arg.Message.withDescriptor(new byte[] {'x'}, 259).control()).startsWith(20, 0).contains(3, 1);
    }
}
