// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.host.Host;
import org.dolium.host.Hosts;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.process.Credentials;
import org.jspecify.annotations.Nullable;

/// The kernel forgets the parent-death signal when an id changes as *it* counts ids, whatever they are called in a user
/// namespace. Here a follower of those ids says when the signal must be set again.
class DeathSignalProperties {
    private static final String SET = "prctl(PR_SET_PDEATHSIG, SIGKILL)";

    @Property
    void the_signal_is_set_after_the_last_change_of_ids(
            @ForAll("maps") String maps, @ForAll("ids") long uid, @ForAll("ids") long gid, @ForAll boolean plain) {
        SpecDraft draft = new SpecDraft().mapped(IdMaps.parse(maps));
        draft.credentials = new Credentials(uid, gid, List.of());
        draft.capabilities = draft.capabilities.forUser(uid);
        check(draft.spec(), plain ? Hosts.plain() : Hosts.root());
    }

    @Property
    void without_a_user_namespace_too(@ForAll("ids") long uid, @ForAll("ids") long gid) {
        SpecDraft draft = new SpecDraft();
        draft.credentials = new Credentials(uid, gid, List.of());
        check(draft.spec(), Hosts.root());
    }

    /// Root's own id is in the map, but it is not where the process begins.
    @Example
    void the_jvms_own_id_may_be_left_and_entered_again() {
        check(new SpecDraft().mapped(IdMaps.parse("0:100000:1000,2000:0:1")).user(2000).spec(), Hosts.root());
    }

    @Example
    void what_the_ids_of_a_joined_user_namespace_are_is_unknown() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.put(NamespaceKind.USER, NamespaceMode.join(Path.of("/u")));
        LaunchPlan plan = SandboxPlanner.plan(draft.spec(), Hosts.root());
        assertThat(plan.asksAgain()).isTrue();
        assertThat(plan.toString()).contains(SET);
    }

    @Example
    void an_id_that_does_not_change_costs_no_second_answer() {
        assertThat(SandboxPlanner.plan(new SpecDraft().spec(), Hosts.root()).asksAgain()).isFalse();
        assertThat(SandboxPlanner.plan(SpecDraft.single(1000).spec(), Hosts.plain()).asksAgain()).isFalse();
    }

    private static void check(SandboxSpec spec, Host host) {
        LaunchPlan plan = SandboxPlanner.plan(spec, host);
        int change = lastChange(plan, spec, host);
        int set = -1;
        for (int i = 0; i < plan.steps().size(); i++) {
            set = plan.steps().get(i).toString().equals(SET) ? i : set;
        }
        if (change >= 0) {
            assertThat(set).as("%s", plan).isGreaterThan(change);
            assertThat(plan.asksAgain()).isTrue();
        }
    }

    private static int lastChange(LaunchPlan plan, SandboxSpec spec, Host host) {
        long uid = host.uid();
        long gid = host.gid();
        int last = -1;
        for (int i = 0; i < plan.steps().size(); i++) {
            if (!(plan.steps().get(i) instanceof Step.Call call)) {
                continue;
            }
            if (call.call().sys() == Sys.SETRESUID) {
                long next = kernelId(spec.uidMaps(), call);
                last = next == uid ? last : i;
                uid = next;
            } else if (call.call().sys() == Sys.SETRESGID) {
                long next = kernelId(spec.gidMaps(), call);
                last = next == gid ? last : i;
                gid = next;
            }
        }
        return last;
    }

    private static long kernelId(@Nullable IdMaps maps, Step.Call call) {
        long id = ((Arg.Num) call.call().args().get(0)).value();
        return maps == null ? id : maps.outside(id);
    }

    @Provide
    Arbitrary<String> maps() {
        return Arbitraries.of(
                "0:0:20", "0:1000:20", "0:1000:1,1:2000:20", "0:100000:20", "0:100000:5,5:0:1,6:1000:1,7:200:20",
                "0:1001:5,5:1000:1,6:0:20", "5:0:1,0:1000:5,6:5000:20");
    }

    @Provide
    Arbitrary<Long> ids() {
        return Arbitraries.longs().between(0, 8);
    }
}
