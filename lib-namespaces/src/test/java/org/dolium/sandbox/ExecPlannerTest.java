// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Confinement;
import org.dolium.confinement.Landlock;
import org.dolium.confinement.SecurityLabel;
import org.dolium.elf.ElfImage;
import org.dolium.host.Host;
import org.dolium.host.Hosts;
import org.dolium.linux.Arch;
import org.dolium.mount.Terminal;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.TimeOffsets;
import org.dolium.plan.LaunchPlan;
import org.dolium.process.Credentials;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whole plans of commands in a running sandbox, and what in them must come before what.
class ExecPlannerTest {
    private static final String NOT_DUMPABLE = "prctl\\(PR_SET_DUMPABLE, 0";
    private static final String CLOSE_ALL = "close_range\\([45], ~0U, 0\\)";
    private static final String SETNS = "setns\\(4, ";
    private static final String BIRTH = "clone\\(CLONE_PARENT";
    private static final String GO = "read\\(3, \\[go\\]";
    private static final String UID = "setresuid\\(7, 7, 7\\)";
    private static final String RIGHTS = "(prctl\\(PR_CAPBSET_DROP|capset\\(|setgroups\\(|setres.id\\(7|prctl\\(PR_SET_NO_NEW_PRIVS"
            + "|keyctl\\(|prctl\\(PR_CAP_AMBIENT|prlimit64\\(0, RLIMIT_NOFILE|landlock_restrict_self)";

    /// A kind of host, with a sandbox that uses everything.
    enum Kind {
        ROOT(Hosts.root(), null),
        PLAIN_USER(Hosts.plain(), IdMaps.parse("0:1000:1,1:100000:9")),
        MAPPED_RANGE(Hosts.root(), IdMaps.parse("0:100000:65536"));

        private final Host host;
        private final SpecDraft draft = new SpecDraft();

        Kind(Host host, IdMaps maps) {
            this.host = host;
            if (maps != null) {
                draft.mapped(maps);
            }
            draft.user(7);
            draft.timeOffsets = new TimeOffsets(Duration.ofDays(1), Duration.ZERO);
            draft.namespaces.put(NamespaceKind.TIME, NamespaceMode.fresh());
            draft.confinement = new Confinement(
                    true, List.of(), List.of(new SecurityLabel(SecurityLabel.Module.APPARMOR, "x")), maps == null,
                    Landlock.create().execute("/usr"), 6);
            draft.oomScoreAdj = 1;
            draft.workingDirectory = "/srv";
            draft.rlimits.add(new Rlimit(Rlimit.Resource.NOFILE, 10, 10));
            draft.cgroup = new CgroupEntry(ExecPlanner.FIRST_CGROUP_FD, 2, true);
        }

        StepOrder order() {
            return StepOrder.of(ExecPlanner.plan(draft.spec(), host, Entrance.plain(true)));
        }
    }

    private static void golden(String name, SpecDraft draft, Host host, boolean hasDirectory) throws IOException {
        Golden.check(name, ExecPlanner.describeClone() + ExecPlanner.plan(draft.spec(), host, Entrance.plain(hasDirectory)));
    }

    @Test
    void golden_plan_of_root() throws IOException {
        SpecDraft draft = new SpecDraft();
        draft.rlimits.add(new Rlimit(Rlimit.Resource.NOFILE, 1024, 4096));
        draft.oomScoreAdj = 500;
        draft.cgroup = new CgroupEntry(ExecPlanner.FIRST_CGROUP_FD, 3, false);
        golden("exec-root", draft, Hosts.root(), true);
    }

    @Test
    void golden_plan_of_a_plain_user_with_one_id() throws IOException {
        golden("exec-plain-user", SpecDraft.single(1000), Hosts.plain(), false);
    }

    @Test
    void golden_plan_of_root_with_a_mapped_range() throws IOException {
        SpecDraft draft = new SpecDraft().mapped(IdMaps.parse("0:100000:65536")).user(33);
        draft.credentials = new Credentials(33, 33, List.of(4L));
        golden("exec-mapped-range", draft, Hosts.root(), true);
    }

    @Test
    void golden_plan_without_namespaces() throws IOException {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.clear();
        draft.root = null;
        draft.credentials = new Credentials(1000, 1000, List.of());
        draft.capabilities = CapabilitySets.none();
        draft.seccomp = SeccompProfile.standard().withoutNamespaces();
        golden("exec-without-namespaces", draft, Hosts.plain(), false);
    }

    @Test
    void equal_inputs_give_equal_bytes() {
        for (Arch arch : Arch.values()) {
            assertThat(ElfImage.compile(ExecPlanner.plan(new SpecDraft().spec(), Hosts.root(), Entrance.plain(true)), arch))
                    .isEqualTo(ElfImage.compile(ExecPlanner.plan(new SpecDraft().spec(), Hosts.root(), Entrance.plain(true)), arch));
        }
    }

    /// A failure before would leave the status socket open in the command.
    @ParameterizedTest
    @EnumSource
    void the_status_socket_is_closed_by_execve_from_the_first_step_on(Kind kind) {
        assertThat(kind.order().all("fcntl\\(3, F_SETFD, FD_CLOEXEC\\)")).containsExactly(0);
    }

    @ParameterizedTest
    @EnumSource
    void nobody_can_read_it_once_it_is_in_the_cgroup(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.first(NOT_DUMPABLE)).isLessThan(order.first("clone3\\("));
        assertThat(order.first(NOT_DUMPABLE)).isLessThan(order.first("write\\(5, \"0\""));
        assertThat(order.first(NOT_DUMPABLE)).isLessThan(order.first(SETNS));
    }

    /// A change of ids makes a process dumpable where fs.suid_dumpable is 1.
    @ParameterizedTest
    @EnumSource
    void nobody_can_read_it_after_its_ids_changed(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.last(NOT_DUMPABLE)).isGreaterThan(order.last(UID)).isLessThan(order.first(BIRTH));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_written_in_the_hosts_proc_is_written_before_that(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.last("openat\\(AT_FDCWD, \"/proc")).isLessThan(order.first(NOT_DUMPABLE));
    }

    @ParameterizedTest
    @EnumSource
    void cgroups_are_entered_before_namespaces(Kind kind) {
        kind.order().before("clone3\\(|write\\([56], \"0\"", SETNS);
    }

    /// What the files of the host's cgroups are is nothing that a container may see.
    @ParameterizedTest
    @EnumSource
    void nothing_of_the_host_is_open_in_the_namespaces_but_the_pidfd_and_that_not_for_long(Kind kind) {
        StepOrder order = kind.order();
        int join = order.first(SETNS);
        assertThat(order.steps().get(join - 1)).isEqualTo("close_range(5, ~0U, 0)");
        assertThat(order.steps().get(join + 1)).isEqualTo("close_range(4, ~0U, 0)");
        assertThat(order.last(CLOSE_ALL)).isEqualTo(join + 1);
    }

    @ParameterizedTest
    @EnumSource
    void all_namespaces_are_joined_at_once(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.all(SETNS)).hasSize(1);
        assertThat(order.steps().get(order.first(SETNS)))
                .contains("CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWCGROUP|CLONE_NEWNET|CLONE_NEWTIME");
    }

    /// Who is born has nothing that the command does not get: an attacker who took it over would win nothing.
    @ParameterizedTest
    @EnumSource
    void all_rights_are_given_up_before_anybody_can_see_it(Kind kind) {
        kind.order().before(RIGHTS, BIRTH);
    }

    @ParameterizedTest
    @EnumSource
    void the_parent_death_signal_is_that_of_the_last_process(Kind kind) {
        StepOrder order = kind.order();
        order.before(BIRTH, "prctl\\(PR_SET_PDEATHSIG, SIGKILL");
        order.before("write\\(3, \"R\"", "execve\\(");
        assertThat(order.all(GO)).hasSize(2);
        assertThat(order.last(GO)).isGreaterThan(order.first("write\\(3, \"R\"")).isLessThan(order.first("rt_sigprocmask\\("));
    }

    /// The JVM has nothing to do with it before: a go-ahead that it gave too early would be taken for that answer.
    @Test
    void without_a_move_by_the_jvm_the_only_go_ahead_is_the_answer() {
        SpecDraft draft = new SpecDraft();
        draft.cgroup = new CgroupEntry(ExecPlanner.FIRST_CGROUP_FD, 3, false);
        LaunchPlan plan = ExecPlanner.plan(draft.spec(), Hosts.root(), Entrance.plain(true));
        StepOrder order = StepOrder.of(plan);
        assertThat(plan.waitsFirst()).isFalse();
        assertThat(plan.asksAgain()).isTrue();
        assertThat(order.all(GO)).hasSize(1);
        order.before("write\\(3, \"R\"", GO);
        draft.cgroup = new CgroupEntry(ExecPlanner.FIRST_CGROUP_FD, 0, true);
        assertThat(ExecPlanner.plan(draft.spec(), Hosts.root(), Entrance.plain(false)).waitsFirst()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void the_filter_comes_last(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.last("seccomp\\(")).isEqualTo(order.first("execve\\(") - 1);
    }

    /// Nothing but the signal: until it is told to go on, it ends when the JVM does.
    @Test
    void one_that_outlives_the_jvm_only_has_no_parent_death_signal() {
        String bound = ExecPlanner.plan(new SpecDraft().spec(), Hosts.root(), Entrance.plain(true)).toString();
        String lasting = ExecPlanner.plan(new SpecDraft().spec(), Hosts.root(), new Entrance(true, null, null, true)).toString();
        assertThat(calls(lasting)).isEqualTo(calls(bound).stream().filter(line -> !line.contains("PR_SET_PDEATHSIG")).toList())
                .hasSize(calls(bound).size() - 1);
    }

    /// Without the names of results.
    private static List<String> calls(String plan) {
        return plan.lines().map(line -> line.replaceAll("\\$[0-9]+", "\\$")).toList();
    }

    @Test
    void golden_plan_with_a_terminal() throws IOException {
        Golden.check("exec-terminal", ExecPlanner.plan(
                new SpecDraft().user(7).spec(), Hosts.root(), new Entrance(true, new Terminal(24, 80, 7), null, false)).toString());
    }

    /// Nobody may see it with a master, and rules of Landlock may not let it open one.
    @ParameterizedTest
    @EnumSource
    void the_terminal_is_made_in_the_sandbox_and_given_away_before_anybody_can_see_it(Kind kind) {
        StepOrder order = StepOrder.of(ExecPlanner.plan(kind.draft.spec(), kind.host, new Entrance(true, new Terminal(24, 80, 7), null, false)));
        order.before(SETNS, "openat2\\(AT_FDCWD, \"/dev/pts\"");
        order.before("dup3\\(1, 0, 0\\)", RIGHTS);
        int given = order.first("dup3\\(1, 0, 0\\)");
        assertThat(order.steps().get(given - 1)).startsWith("sendmsg(3, ");
        assertThat(order.steps().get(given + 1)).isEqualTo("close_range(4, ~0U, 0)");
        assertThat(order.first("ioctl\\(0, TIOCSCTTY")).isEqualTo(order.first("setsid\\(\\)") + 1);
    }

    @Test
    void without_a_pid_namespace_there_is_no_birth() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.put(NamespaceKind.PID, NamespaceMode.host());
        assertThat(ExecPlanner.plan(draft.spec(), Hosts.root(), Entrance.plain(false)).toString()).doesNotContain("clone").contains("setns(4");
    }

    @Test
    void a_joined_user_namespace_may_have_no_root() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.put(NamespaceKind.USER, NamespaceMode.join(Path.of("/u")));
        assertThat(ExecPlanner.plan(draft.spec(), Hosts.root(), Entrance.plain(false)).toString())
                .contains("setns(4, CLONE_NEWUSER|", "setresuid(0, 0, 0) or EINVAL");
    }
}
