// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.Confinement;
import org.dolium.capability.CapabilitySets;
import org.dolium.elf.ElfImage;
import org.dolium.host.Host;
import org.dolium.host.Hosts;
import org.dolium.linux.Arch;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.Credentials;
import org.dolium.process.Rlimit;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;

/// Whole plans of a small sandbox. How to write the golden files anew is told at [Golden].
class SandboxPlannerTest {
    @Test
    void golden_plan_of_root() throws IOException {
        SpecDraft draft = new SpecDraft();
        draft.rlimits.add(new Rlimit(Rlimit.Resource.NOFILE, 1024, 4096));
        draft.oomScoreAdj = 500;
        golden("sandbox-root", draft, Hosts.root());
    }

    @Test
    void golden_plan_of_a_plain_user_with_one_id() throws IOException {
        golden("sandbox-plain-user", SpecDraft.single(1000), Hosts.plain());
    }

    @Test
    void golden_plan_of_root_with_a_mapped_range() throws IOException {
        SpecDraft draft = new SpecDraft().mapped(IdMaps.parse("0:100000:65536")).user(33);
        draft.credentials = new Credentials(33, 33, List.of(4L));
        golden("sandbox-mapped-range", draft, Hosts.root());
    }

    @Test
    void golden_plan_of_a_plain_user_without_namespaces() throws IOException {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.clear();
        draft.mounts.clear();
        draft.root = null;
        draft.hostname = null;
        draft.loopback = false;
        draft.credentials = new Credentials(1000, 1000, List.of());
        draft.capabilities = CapabilitySets.none();
        draft.seccomp = SeccompProfile.standard().withoutNamespaces();
        Landlock rules = Landlock.create().execute("/usr").readWrite("/work").connectTcp().scoped();
        draft.confinement = new Confinement(true, List.of(), List.of(), true, rules, 6);
        golden("sandbox-without-namespaces", draft, Hosts.plain());
    }

    @Test
    void golden_end_of_a_plan_that_waits_and_has_an_init() throws IOException {
        SpecDraft draft = new SpecDraft().user(33);
        draft.init = true;
        String plan = SandboxPlanner.planWaiting(draft.spec(), Hosts.root()).toString();
        Golden.check("sandbox-waiting-init", plan.substring(plan.indexOf("read(3", plan.indexOf("setresuid"))));
    }

    @Test
    void the_jvm_is_asked_only_where_there_is_a_question() {
        assertThat(SandboxPlanner.plan(new SpecDraft().spec(), Hosts.root()).asksAgain()).isFalse();
        assertThat(SandboxPlanner.planWaiting(new SpecDraft().spec(), Hosts.root()).asksAgain()).isTrue();
    }

    private static void golden(String name, SpecDraft draft, Host host) throws IOException {
        SandboxSpec spec = draft.spec();
        Golden.check(name, SandboxPlanner.describeClone(spec) + SandboxPlanner.plan(spec, host));
    }

    @Test
    void equal_inputs_give_equal_plans_and_equal_bytes() {
        SandboxSpec spec = SpecDraft.single(1000).spec();
        String plan = SandboxPlanner.plan(spec, Hosts.plain()).toString();
        assertThat(SandboxPlanner.plan(SpecDraft.single(1000).spec(), Hosts.plain())).hasToString(plan);
        for (Arch arch : Arch.values()) {
            assertThat(ElfImage.compile(SandboxPlanner.plan(spec, Hosts.plain()), arch))
                    .isEqualTo(ElfImage.compile(SandboxPlanner.plan(spec, Hosts.plain()), arch));
        }
    }

    @Test
    void a_sandbox_without_a_root_mounts_nothing() {
        SpecDraft draft = new SpecDraft();
        draft.root = null;
        assertThat(SandboxPlanner.plan(draft.spec(), Hosts.root()).toString())
                .doesNotContain("mount", "open_tree", "pivot_root", "fsopen");
    }

    @Test
    void every_optional_step_can_be_left_out() {
        SpecDraft draft = new SpecDraft();
        draft.hostname = null;
        draft.loopback = false;
        draft.noNewPrivileges = false;
        assertThat(SandboxPlanner.plan(draft.spec(), Hosts.root()).toString())
                .doesNotContain("sethostname", "setdomainname", "SIOCSIFFLAGS", "NO_NEW_PRIVS", "oom_score_adj", "unshare");
    }

    /// The time namespace is made by the child itself: clone3 would put it there before its clocks are set.
    @Test
    void clone_makes_every_new_namespace_but_the_clocks() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.put(NamespaceKind.TIME, NamespaceMode.fresh());
        SandboxSpec spec = draft.spec();
        assertThat(SandboxPlanner.cloneFlags(spec)).isEqualTo(0x6e020000L);
        assertThat(SandboxPlanner.describeClone(spec))
                .contains("CLONE_NEWNS", "CLONE_NEWPID", "CLONE_NEWNET")
                .doesNotContain("CLONE_NEWTIME", "CLONE_NEWUSER");
    }

    @Test
    void setgroups_is_left_out_only_where_it_is_forbidden() {
        assertThat(SandboxPlanner.plan(SpecDraft.single(1000).spec(), Hosts.plain()).toString()).doesNotContain("setgroups");
        SpecDraft range = new SpecDraft().mapped(IdMaps.parse("0:1000:1,1:100000:1000"));
        assertThat(SandboxPlanner.plan(range.spec(), Hosts.plain()).toString()).contains("setgroups(1, [0])");
        assertThat(SandboxPlanner.plan(new SpecDraft().spec(), Hosts.root()).toString()).contains("setgroups(1, [0])");
    }
}
