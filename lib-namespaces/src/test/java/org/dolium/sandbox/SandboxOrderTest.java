// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.confinement.Confinement;
import org.dolium.confinement.SecurityLabel;
import org.dolium.confinement.Sysctl;
import org.dolium.host.Host;
import org.dolium.host.Hosts;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.mount.BindOptions;
import org.dolium.mount.Mount;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.TimeOffsets;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What must come before what, on every kind of host, and why.
class SandboxOrderTest {
    private static final String MOUNTING =
            "(open_tree|fsopen|fsmount|fsconfig|move_mount|mount_setattr|pivot_root|umount2|mknodat|mkdirat)\\(";
    private static final String NOT_DUMPABLE = "prctl\\(PR_SET_DUMPABLE, 0";
    private static final String FINAL_UID = "setresuid\\(7, 7, 7\\)";
    private static final String EXECVE = "execve\\(";
    private static final String DEATH_SIGNAL = "prctl\\(PR_SET_PDEATHSIG, SIGKILL";
    private static final String GO = "read\\(3, \\[go\\], 1\\) must be 1";

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
            draft.confinement = new Confinement(
                    true, List.of(Sysctl.of("net.ipv4.ip_forward", "1")),
                    List.of(new SecurityLabel(SecurityLabel.Module.APPARMOR, "x")), maps == null, null, 0);
            draft.oomScoreAdj = 1;
            draft.workingDirectory = "/srv";
            draft.rlimits.add(new Rlimit(Rlimit.Resource.NOFILE, 10, 10));
            draft.namespaces.put(NamespaceKind.NET, NamespaceMode.join(Path.of("/n")));
            draft.mounts.add(new Mount.Bind("/etc", "/mnt", true, BindOptions.standard()));
        }

        LaunchPlan plan() {
            return SandboxPlanner.plan(draft.spec(), host);
        }

        StepOrder order() {
            return StepOrder.of(plan());
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
    void the_process_cannot_be_read_once_it_is_near_others(Kind kind) {
        kind.order().before(NOT_DUMPABLE, "setns\\(");
        kind.order().before(NOT_DUMPABLE, MOUNTING);
    }

    @ParameterizedTest
    @EnumSource
    void names_are_set_in_the_namespaces_that_were_joined(Kind kind) {
        kind.order().before("setns\\(", "sethostname\\(");
    }

    /// The files of a process in /proc are root's once it is not dumpable.
    @ParameterizedTest
    @EnumSource
    void what_is_written_in_the_hosts_proc_is_written_before_that(Kind kind) {
        kind.order().before("openat\\(AT_FDCWD, \"/proc/self/", NOT_DUMPABLE);
        kind.order().before("unshare\\(CLONE_NEWTIME\\)", "openat\\(AT_FDCWD, \"/proc/self/timens_offsets\"");
        if (kind.draft.uidMaps != null) {
            assertThat(kind.order().first(GO)).isLessThan(kind.order().first(NOT_DUMPABLE));
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_core_is_dumped_from_the_beginning(Kind kind) {
        kind.order().before("prlimit64\\(0, RLIMIT_CORE, \\{rlim_cur=0", MOUNTING);
        kind.order().before("prlimit64\\(0, RLIMIT_CORE, \\{rlim_cur=0", "setns\\(");
    }

    @ParameterizedTest
    @EnumSource
    void mounts_are_made_private_first_and_the_old_root_is_dropped_last(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.first(MOUNTING)).isEqualTo(order.first("mount_setattr\\(AT_FDCWD, \"/\", AT_RECURSIVE, .*MS_PRIVATE"));
        assertThat(order.steps().get(order.last(MOUNTING))).isEqualTo("umount2(\".\", MNT_DETACH)");
        order.before("pivot_root\\(", "umount2\\(\"\\.\"");
    }

    /// Nothing but the command's own directory and file is opened by a path once the root is the container's.
    @ParameterizedTest
    @EnumSource
    void after_the_pivot_no_path_is_opened(Kind kind) {
        StepOrder order = kind.order();
        for (int i = order.first("pivot_root\\(") + 1; i < order.steps().size(); i++) {
            assertThat(order.steps().get(i)).doesNotContain("AT_FDCWD").doesNotStartWith("open");
        }
    }

    @ParameterizedTest
    @EnumSource
    void descriptors_are_closed_after_the_last_that_is_opened_and_before_credentials(Kind kind) {
        String close = "close_range\\(4, ~0U, 0\\)";
        kind.order().before(MOUNTING, close);
        kind.order().before("(openat|openat2|socket|fsopen|open_tree|fsmount|setns)\\(", close);
        kind.order().before(close, "prctl\\(PR_SET_NO_NEW_PRIVS");
        kind.order().before(close, EXECVE);
    }

    @ParameterizedTest
    @EnumSource
    void limits_are_set_while_they_may_still_be_raised(Kind kind) {
        kind.order().before("prlimit64\\(0, RLIMIT_NOFILE", "prctl\\(PR_SET_NO_NEW_PRIVS");
    }

    @ParameterizedTest
    @EnumSource
    void privileges_are_dropped_from_the_outside_in(Kind kind) {
        StepOrder order = kind.order();
        order.before(MOUNTING, "prctl\\(PR_CAPBSET_DROP");
        order.before("prctl\\(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\\)", FINAL_UID);
        order.before("prctl\\(PR_CAPBSET_DROP", FINAL_UID);
        order.before("setgroups\\(", "setresgid\\(7");
        order.before("setresgid\\(7", FINAL_UID);
        order.before(FINAL_UID, "capset\\(");
        order.before("capset\\(", EXECVE);
    }

    /// Once the masks are in place, no /proc can be made in a user namespace.
    @ParameterizedTest
    @EnumSource
    void kernel_parameters_are_set_in_the_namespaces_that_they_belong_to_and_before_the_root(Kind kind) {
        kind.order().before("setns\\(", "openat2\\(\\$\\d+, \"sys/net");
        kind.order().before("write\\(\\$\\d+, \"1\" /\\* sysctl net/ipv4/ip_forward", "open_tree\\(");
    }

    /// Only the exec has to pass the filter, and it is the first thing that does.
    @ParameterizedTest
    @EnumSource
    void S_05_the_filter_is_the_last_step_before_the_exec(Kind kind) {
        StepOrder order = kind.order();
        int filter = order.first("seccomp\\(");
        assertThat(filter).isEqualTo(order.last("seccomp\\("));
        assertThat(order.steps().get(filter))
                .matches("seccomp\\(SECCOMP_SET_MODE_FILTER, 0, \\{len=\\d+, filter=standard\\}\\)");
        for (int i = filter + 1; i < order.steps().size(); i++) {
            assertThat(order.steps().get(i)).matches("(execve|exit_group)\\(.*");
        }
        order.before("prctl\\(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\\)", "seccomp\\(");
    }

    /// Where the process may still gain privileges, it can install a filter only as long as it is privileged.
    @Test
    void without_no_new_privileges_the_filter_comes_before_capabilities_are_dropped() {
        SpecDraft draft = new SpecDraft().user(33);
        draft.noNewPrivileges = false;
        StepOrder order = StepOrder.of(SandboxPlanner.plan(draft.spec(), Hosts.root()));
        order.before("seccomp\\(", "prctl\\(PR_CAPBSET_DROP");
        order.before("close_range\\(4, ~0U, 0\\)", "seccomp\\(");
        SpecDraft privileged = new SpecDraft();
        privileged.noNewPrivileges = false;
        privileged.capabilities = privileged.capabilities.plus(Capability.SYS_ADMIN);
        StepOrder.of(SandboxPlanner.plan(privileged.spec(), Hosts.root())).before("rt_sigprocmask", "seccomp\\(");
    }

    @Test
    void an_unconfined_profile_installs_no_filter() {
        SpecDraft draft = new SpecDraft();
        draft.seccomp = SeccompProfile.unconfined();
        assertThat(SandboxPlanner.plan(draft.spec(), Hosts.root()).toString()).doesNotContain("seccomp(");
    }

    /// A keyring belongs to the uid that makes it, and later a filter may forbid keyctl(2).
    @ParameterizedTest
    @EnumSource
    void the_session_keyring_is_changed_before_the_ids(Kind kind) {
        kind.order().before("keyctl\\(KEYCTL_JOIN_SESSION_KEYRING, NULL\\)", "keyctl\\(KEYCTL_SETPERM");
        kind.order().before("keyctl\\(", "prctl\\(PR_SET_NO_NEW_PRIVS");
        kind.order().before("keyctl\\(", FINAL_UID);
    }

    /// Without it, setresuid would drop the capabilities that capset is to keep; and it must not outlive that.
    @ParameterizedTest
    @EnumSource
    void capabilities_are_kept_over_the_change_of_ids_only(Kind kind) {
        kind.order().before("prctl\\(PR_SET_KEEPCAPS, 1\\)", FINAL_UID);
        kind.order().before(FINAL_UID, "prctl\\(PR_SET_KEEPCAPS, 0\\)");
    }

    /// The change of ids clears the signal. A thread that ended before it was set again is noticed because the JVM must
    /// answer once more.
    @ParameterizedTest
    @EnumSource
    void the_death_signal_is_set_after_the_ids_and_then_the_jvm_must_answer(Kind kind) {
        StepOrder order = kind.order();
        order.before("(setresuid|setresgid|setgroups|capset)\\(", DEATH_SIGNAL);
        order.before(DEATH_SIGNAL, "write\\(3, \"R\", 1\\) must be 1");
        assertThat(order.last(GO)).isGreaterThan(order.first("write\\(3, \"R\""));
        assertThat(kind.plan().asksAgain()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void the_working_directory_is_entered_as_the_user_it_is_for(Kind kind) {
        kind.order().before(FINAL_UID, "chdir\\(\"/srv\"\\)");
        kind.order().before("capset\\(", "chdir\\(\"/srv\"\\)");
    }

    @ParameterizedTest
    @EnumSource
    void signals_are_unblocked_last(Kind kind) {
        StepOrder order = kind.order();
        order.before("rt_sigaction\\(", "rt_sigprocmask\\(");
        assertThat(order.first("rt_sigprocmask\\(")).isEqualTo(order.first(EXECVE) - 2); // the filter is between
    }

    @ParameterizedTest
    @EnumSource
    void the_umask_is_0_while_things_are_made(Kind kind) {
        StepOrder order = kind.order();
        assertThat(order.steps().get(order.all("umask\\(")[0])).isEqualTo("umask(0)");
        assertThat(order.all("umask\\(")).hasSize(2);
        order.before(MOUNTING, "umask\\(022\\)");
    }

    /// SECURITY L-12: a child whose JVM died does not go on with what it has.
    @ParameterizedTest
    @EnumSource
    void a_child_that_is_not_told_to_go_on_never_runs_the_command(Kind kind) {
        StepOrder order = kind.order();
        order.before(GO, EXECVE);
        for (Step step : kind.plan().steps()) {
            boolean read = step.toString().startsWith("read(3, ");
            assertThat(read && !step.toString().endsWith(" must be 1")).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_step_uses_a_result_of_a_later_one(Kind kind) {
        LaunchPlan plan = kind.plan();
        for (int i = 0; i < plan.steps().size(); i++) {
            if (plan.steps().get(i) instanceof Step.Call call) {
                for (Arg arg : call.call().args()) {
                    assertThat(arg instanceof Arg.Result result && result.step() >= i).isFalse();
                }
            }
        }
    }

    @Test
    void the_rest_is_done_by_a_new_process_where_a_pid_namespace_is_joined() {
        SpecDraft draft = new SpecDraft();
        draft.namespaces.put(NamespaceKind.PID, NamespaceMode.join(Path.of("/p")));
        StepOrder order = StepOrder.of(SandboxPlanner.plan(draft.spec(), Hosts.root()));
        order.before("setns\\(", "clone\\(CLONE_PARENT");
        order.before("clone\\(CLONE_PARENT", MOUNTING);
        order.before("clone\\(CLONE_PARENT", DEATH_SIGNAL);
    }
}
