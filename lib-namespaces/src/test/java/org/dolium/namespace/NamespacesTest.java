// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.dolium.plan.PlanBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NamespacesTest {
    private static final NamespaceMode JOIN_NET = NamespaceMode.join(Path.of("/run/netns/blue"));

    @Test
    void a_kind_that_is_not_mentioned_is_the_jvms() {
        Namespaces none = Namespaces.of(Map.of());
        assertThat(none.mode(NamespaceKind.PID)).isEqualTo(NamespaceMode.host());
        assertThat(none.isNew(NamespaceKind.PID)).isFalse();
        assertThat(none.cloneFlags()).isZero();
        assertThat(none.joined()).isEmpty();
    }

    @Test
    void only_new_namespaces_are_cloned() {
        Namespaces some = Namespaces.of(Map.of(
                NamespaceKind.MOUNT, NamespaceMode.fresh(),
                NamespaceKind.USER, NamespaceMode.fresh(),
                NamespaceKind.IPC, NamespaceMode.host(),
                NamespaceKind.NET, JOIN_NET));
        assertThat(some.cloneFlags()).isEqualTo(0x10020000L);
    }

    @Test
    void namespaces_are_joined_in_a_fixed_order() {
        Map<NamespaceKind, NamespaceMode> modes = new EnumMap<>(NamespaceKind.class);
        modes.put(NamespaceKind.TIME, NamespaceMode.join(Path.of("/t")));
        modes.put(NamespaceKind.NET, JOIN_NET);
        modes.put(NamespaceKind.UTS, NamespaceMode.fresh());
        assertThat(Namespaces.of(modes).joined()).containsExactly(JOIN_NET, NamespaceMode.join(Path.of("/t")));
        assertThat(joins(modes)).isEqualTo("""
                $0 = setns(4, CLONE_NEWNET)
                $1 = setns(5, CLONE_NEWTIME)
                """);
    }

    /// It gives the right to join the others, and the new ones are to belong to it; so clone3 makes none of them.
    @Test
    void a_user_namespace_is_joined_first_and_the_new_ones_are_made_in_it() {
        Map<NamespaceKind, NamespaceMode> modes = new EnumMap<>(NamespaceKind.class);
        modes.put(NamespaceKind.NET, JOIN_NET);
        modes.put(NamespaceKind.UTS, NamespaceMode.fresh());
        modes.put(NamespaceKind.PID, NamespaceMode.fresh());
        modes.put(NamespaceKind.USER, NamespaceMode.join(Path.of("/u")));
        assertThat(Namespaces.of(modes).cloneFlags()).isZero();
        assertThat(Namespaces.of(modes).pidsNeedFork()).isTrue();
        assertThat(joins(modes)).isEqualTo("""
                $0 = setns(4, CLONE_NEWUSER)
                $1 = setresgid(0, 0, 0) or EINVAL
                $2 = setresuid(0, 0, 0) or EINVAL
                $3 = unshare(CLONE_NEWPID|CLONE_NEWUTS)
                $4 = setns(5, CLONE_NEWNET)
                """);
    }

    @Test
    void only_a_pid_namespace_that_clone_did_not_make_needs_a_new_process() {
        NamespaceMode join = NamespaceMode.join(Path.of("/x"));
        NamespaceMode fresh = NamespaceMode.fresh();
        assertThat(Namespaces.of(Map.of(NamespaceKind.PID, join)).pidsNeedFork()).isTrue();
        assertThat(Namespaces.of(Map.of(NamespaceKind.PID, fresh)).pidsNeedFork()).isFalse();
        assertThat(Namespaces.of(Map.of(NamespaceKind.USER, join)).pidsNeedFork()).isFalse();
    }

    private static String joins(Map<NamespaceKind, NamespaceMode> modes) {
        PlanBuilder plan = new PlanBuilder();
        Namespaces.of(modes).lowerJoins(plan, 4);
        return plan.build(3).toString();
    }

    @Test
    void the_namespace_of_a_process_is_a_file_of_proc() {
        assertThat(NamespaceMode.Join.ofPid(7, NamespaceKind.MOUNT).path()).isEqualTo(Path.of("/proc/7/ns/mnt"));
    }

    @ParameterizedTest
    @EnumSource
    void proc_has_a_file_of_every_kind(NamespaceKind kind) throws IOException {
        Path link = Files.readSymbolicLink(Path.of("/proc/self/ns", kind.procName()));
        assertThat(link.toString()).startsWith(kind.procName() + ":[");
    }

    @Test
    void loopback_comes_up_by_one_ioctl() {
        PlanBuilder plan = new PlanBuilder();
        Loopback.lower(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)
                $1 = ioctl($0, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP|IFF_RUNNING})
                """);
    }
}
