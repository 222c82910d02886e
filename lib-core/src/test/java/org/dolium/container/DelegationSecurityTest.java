// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rows about the cgroup that is given to an OS container: an attacker is its root.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class DelegationSecurityTest extends SecurityRows {
    private static final Duration LONG = Slow.seconds(30);
    private static final String EVERYTHING = "for f in *; do for v in 1000000 max; do echo $v > $f; done; done 2>/dev/null; ";

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private ContainerBuilder os(boolean privateUsers, String script) {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer(InitSystem.SYSTEMD)
                .userNamespace(privateUsers ? SystemdTest.PRIVATE : UserNamespace.host())
                .command("sh", "-c", "cd /sys/fs/cgroup; " + script);
    }

    private static Container ready(ContainerBuilder builder) throws Exception {
        Container container = builder.start();
        assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
        return container;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void G_05_who_makes_groups_changes_no_limit_of_the_container(boolean privateUsers) throws Exception {
        try (Container container = ready(os(privateUsers, EVERYTHING + "echo ready; read x")
                .pids(50).memory(MemorySize.mebibytes(64)))) {
            Path limited = GroupFiles.unified(container).getParent();
            assertThat(read(limited.resolve("cgroup.max.descendants"))).isEqualTo("4096");
            assertThat(read(limited.resolve("cgroup.max.depth"))).isEqualTo("32");
            assertThat(GroupFiles.read(container, Controller.PIDS, "pids.max", "pids.max")).isEqualTo("50");
            assertThat(GroupFiles.read(container, Controller.MEMORY, "memory.limit_in_bytes", "memory.max"))
                    .isEqualTo(Long.toString(64 << 20));
        }
    }

    @Test
    void G_05_control_with_the_limits_in_the_same_directory_it_does() throws Exception {
        ContainerBuilder builder = os(false, EVERYTHING + "echo ready; read x");
        ContainerSpec spec = builder.build();
        Blueprint own = spec.blueprint;
        GroupPlan group = own.groupPlan();
        GroupPlan flat =
                new GroupPlan(group.cgroups(), group.name(), group.limits(), group.automatic(), false, group.delegation());
        ContainerSpec weaker = new ContainerSpec(
                builder,
                new Blueprint(own.spec(), own.host(), own.diskUpper(), own.idMaps(), own.mappedBinds(), flat, own.program()),
                List.of());
        if (GroupFiles.UNIFIED) { // where controllers are enabled for groups below, no process is in the same one
            assertThatThrownBy(weaker::start).isInstanceOf(IOException.class);
            return;
        }
        try (Container container = weaker.start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            assertThat(read(GroupFiles.unified(container).resolve("cgroup.max.descendants"))).isEqualTo("max");
        }
    }

    @Test
    void G_05_private_users_can_write_what_makes_groups_and_nothing_else() throws Exception {
        String script = "for f in *; do [ -f $f ] && (: >> $f) 2>/dev/null && echo $f; done; mkdir mine && echo made";
        assertThat(output(os(true, script)).lines())
                .containsExactly("cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "made");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void G_02_processes_count_in_whichever_of_its_groups_they_are(boolean privateUsers) throws Exception {
        String forks = "mkdir a b; echo $$ > a/cgroup.procs; i=0; while [ $i -lt 30 ]; do sleep 100 & i=$((i+1)); "
                + "[ $i -ne 10 ] || echo $$ > b/cgroup.procs; done";
        assertThat(output(os(privateUsers, forks).pids(20))).contains("can't fork");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void G_02_it_makes_no_more_groups_than_it_may_and_all_are_removed(boolean privateUsers) throws Exception {
        String makes = "mkdir $(seq 1 5000) 2>/dev/null; ls | grep -c '^[0-9]*$'";
        assertThat(Integer.parseInt(output(os(privateUsers, makes)).strip())).isBetween(4000, 4096);
    }

    @Test
    void G_07_groups_with_odd_names_and_deep_ones_are_removed() throws Exception {
        String odd = "mkdir \"$(printf '\\377\\376')\" 'a b' '\\' é .hidden ' ' '*'; d=x; while mkdir -p $d 2>/dev/null; do d=$d/x; done; "
                + "echo $d | wc -c";
        assertThat(Integer.parseInt(output(os(true, odd)).strip())).isBetween(40, 70);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void X_05_a_container_that_freezes_itself_delays_no_further_command_and_ends(boolean privateUsers) throws Exception {
        String freezes = "mkdir a; echo $$ > a/cgroup.procs; echo +pids > cgroup.subtree_control; echo ready; echo 1 > a/cgroup.freeze";
        try (Container container = ready(os(privateUsers, freezes).redirectErrorStream(false))) {
            awaitFrozen(container);
            assertThat(container.exec("echo", "hi").run(LONG).stdout()).isEqualTo("hi\n");
            assertThat(container.stop(Duration.ofMillis(100)).forced()).isTrue();
        }
    }

    private static void awaitFrozen(Container container) throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!read(GroupFiles.unified(container).resolve("cgroup.events")).contains("frozen 1")) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void X_03_a_further_command_is_below_the_same_limits(boolean privateUsers) throws Exception {
        try (Container container = ready(os(privateUsers, "echo ready; read x").pids(20))) {
            String forks = "i=0; while [ $i -lt 30 ]; do sleep 100 & i=$((i+1)); done";
            assertThat(container.exec("sh", "-c", forks).run(LONG).stderr()).contains("can't fork");
        }
    }
}
