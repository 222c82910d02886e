// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.container.GroupFiles.UNIFIED;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The rows about cgroups. Each has its negative control.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LimitSecurityTest extends SecurityRows {
    private static final String MEMORY_FILE = UNIFIED ? "memory.max" : "memory.limit_in_bytes";
    private static final String MOUNT = UNIFIED ? "mount -t cgroup2 none /mnt" : "mount -t cgroup -o memory none /mnt";

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private ContainerBuilder tiny(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    static List<String> badNames() {
        return List.of("..", ".", "", "a/../b", "a/../../x", "/", "a/b", "a\nb", "a\0b", "x".repeat(4096), "é", "\u2024\u2024",
                ".hidden", "a b");
    }

    @ParameterizedTest
    @MethodSource("badNames")
    void G_01_a_name_that_leads_elsewhere_is_refused_before_anything_is_touched(String name) throws Exception {
        ContainerBuilder builder = tiny("touch /started").name(name);
        assertThatThrownBy(builder::start).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("name '");
        assertThat(root.resolve("started")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/..", "/a/../b", "/a/./b", "//", "a", "", "/a\0b"})
    void G_01_a_parent_that_leads_elsewhere_is_refused(String path) {
        assertThatThrownBy(() -> CgroupPlacement.below(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "../cgroup.procs", "cgroup.procs", "cgroup.kill", "memory./../cgroup.procs", "memory..max", "memory.max\n", "", "memory",
        "memory.", "x/memory.max", "devices.allow"
    })
    void G_01_a_file_of_the_group_that_is_not_a_controllers_is_refused(String file) {
        assertThatThrownBy(() -> Limit.unified(file, "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Limit.unified("memory.max", "1\n2")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-b_c+9.x", "+", "_..", "-"})
    void G_01_control_other_names_are_taken(String name) throws Exception {
        assertThat(tiny("true").name(name).run(LIMIT).status().success()).isTrue();
    }

    @Test
    void G_01_a_name_is_taken_once_at_a_time() throws Exception {
        try (Container first = tiny("cat").name("one").start()) {
            assertThatThrownBy(() -> tiny("true").name("one").start())
                    .hasMessageContaining("there is a container named 'one' already");
            assertThat(first.isAlive()).isTrue();
        }
        assertThat(tiny("true").name("one").run(LIMIT).status().success()).isTrue();
    }

    @Test
    void G_02_a_limit_of_processes_is_there_without_being_asked_for() throws Exception {
        try (Container container = tiny("cat").start()) {
            assertThat(GroupFiles.read(container, Controller.PIDS, "pids.max", "pids.max")).isEqualTo("4096");
        }
        try (Container container = tiny("cat").pids(Limit.UNLIMITED).start()) {
            assertThat(GroupFiles.read(container, Controller.PIDS, "pids.max", "pids.max")).as("control").isEqualTo("max");
        }
    }

    /// Closes and gives the time that it took. LeakCheck sees processes and groups that are left.
    private static Duration closed(Container container, Path group) {
        long start = System.nanoTime();
        container.close();
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        assertThat(group).doesNotExist();
        return time;
    }

    private static final String FORKS = "f() { while :; do : & done; }; f & f & f & echo; f";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void G_03_a_container_that_forks_continuously_is_gone_soon(boolean hostPids) throws Exception {
        Container container = pids(tiny(FORKS).pids(300), hostPids).start();
        Path group = GroupFiles.of(container, Controller.PIDS);
        assertThat(container.process().inputReader().readLine()).isEmpty();
        assertThat(closed(container, group)).isLessThan(Slow.seconds(20));
    }

    private static ContainerBuilder pids(ContainerBuilder builder, boolean host) {
        return host ? builder.namespace(NamespaceKind.PID, NamespaceMode.host()) : builder;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void G_03_a_container_that_is_stopped_is_gone_soon(boolean hostPids) throws Exception {
        String stopping = "sleep 1000 & kill -STOP $!; (sleep 1001 & kill -STOP $!); echo; kill -STOP $$; read x";
        Container container = pids(tiny(stopping), hostPids).start();
        Path group = GroupFiles.of(container, Controller.PIDS);
        assertThat(container.process().inputReader().readLine()).isEmpty();
        assertThat(closed(container, group)).isLessThan(Slow.seconds(20));
    }

    @Test
    void G_03_a_container_that_is_frozen_is_gone_soon() throws Exception {
        Container container = tiny("sleep 1000 & cat").start();
        Path group = GroupFiles.of(container, Controller.PIDS);
        Files.writeString(GroupFiles.unified(container).resolve("cgroup.freeze"), "1");
        assertThat(closed(container, group)).isLessThan(Slow.seconds(20));
    }

    @Test
    void G_03_what_outlives_the_command_among_the_hosts_processes_dies_with_the_container() throws Exception {
        String leaves = "(setsid sh -c 'echo $$; exec sleep 1000 > /dev/null 2>&1' &); read x"; // which says itself that it is in another session
        Container container = pids(tiny(leaves), true).start();
        long left;
        Path group;
        try (BufferedReader out = container.process().inputReader()) {
            group = GroupFiles.of(container, Controller.PIDS);
            left = Long.parseLong(out.readLine());
            container.process().outputWriter().append('\n').close();
            container.waitFor();
        }
        assertThat(runs(left)).as("control: it lives on").isTrue();
        closed(container, group);
        assertThat(runs(left)).isFalse();
    }

    /// Whether there is such a process, apart from what its new parent has not reaped yet.
    private static boolean runs(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false; // gone, or while it was read
        }
    }

    private ContainerBuilder raising() {
        CapabilitySets administrator = CapabilitySets.standard().plus(Capability.SYS_ADMIN);
        return tiny(MOUNT + " && ls /mnt; echo 104857600 > /mnt/" + MEMORY_FILE + "; echo $?; cat")
                .capabilities(administrator)
                .memory(MemorySize.mebibytes(64)).swap(MemorySize.mebibytes(64));
    }

    /// The limit after the container has tried to raise it.
    private static String raised(ContainerSpec spec) throws Exception {
        try (Container container = spec.start()) {
            BufferedReader out = container.process().inputReader();
            String line = out.readLine();
            assertThat(line).as("the mount in the container").isNotNull();
            while (!line.matches("[0-9]+")) {
                line = out.readLine();
            }
            return GroupFiles.read(container, Controller.MEMORY, MEMORY_FILE, MEMORY_FILE);
        }
    }

    @Test
    void G_05_a_container_that_can_mount_cgroups_cannot_raise_its_limits() throws Exception {
        assertThat(raised(raising().build())).isEqualTo(Integer.toString(64 << 20));
    }

    @Test
    void G_05_control_without_a_level_of_its_own_it_can() throws Exception {
        ContainerSpec spec = raising().build();
        Blueprint own = spec.blueprint;
        GroupPlan group = own.groupPlan();
        GroupPlan flat = new GroupPlan(group.cgroups(), group.name(), group.limits(), group.automatic(), false, null);
        ContainerSpec weaker = new ContainerSpec(
                raising(),
                new Blueprint(own.spec(), own.host(), own.diskUpper(), own.idMaps(), own.mappedBinds(), flat, own.program()),
                List.of());
        String before = Integer.toString(64 << 20);
        if (Files.readString(Path.of("/proc/self/mountinfo")).contains(",nsdelegate")) {
            assertThat(raised(weaker)).as("where the kernel itself protects the limits").isEqualTo(before);
        } else {
            assertThat(raised(weaker)).isNotEqualTo(before);
        }
    }

    @Test
    void G_05_by_default_it_cannot_even_mount_cgroups() throws Exception {
        assertThat(output(tiny(MOUNT + "; echo $?"))).contains("permission denied").contains("1\n");
    }

    @Test
    void G_05_a_container_sees_nothing_above_its_own_group() throws Exception {
        assertThat(output(tiny("cut -d: -f3 /proc/self/cgroup | sort -u"))).isEqualTo("/\n");
    }

    @Test
    void G_06_orphans_leave_nothing_behind() throws Exception {
        String orphans = "i=0; while [ $i -lt 500 ]; do (: & :) & i=$((i+1)); [ $((i % 50)) -ne 0 ] || wait; done; echo done";
        assertThat(output(tiny(orphans))).isEqualTo("done\n");
    }

    /// The very program reads them: nothing else runs in the container.
    @Test
    void G_08_limits_are_in_force_at_the_first_instruction() throws Exception {
        assertThat(ownLimits(bound().memory(MemorySize.mebibytes(64)).pids(77).name("first"), 64 << 20)).isTrue();
    }

    @Test
    void G_08_control_other_limits_are_seen_as_such() throws Exception {
        assertThat(ownLimits(bound().memory(MemorySize.mebibytes(65)).pids(77).name("first"), 64 << 20)).isFalse();
    }

    private ContainerBuilder bound() {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).bindReadOnly(Path.of("/sys/fs/cgroup"), "/mnt");
    }

    private static boolean ownLimits(ContainerBuilder builder, long memory) throws Exception {
        Path files;
        try (Container container = builder.command("cat").start()) {
            files = Path.of("/mnt").resolve(Path.of("/sys/fs/cgroup").relativize(GroupFiles.of(container, Controller.MEMORY)));
        }
        String in = builder.command("cat", files + "/" + MEMORY_FILE, files + (UNIFIED ? "/cgroup.procs" : "/tasks")).run(LIMIT).stdout();
        return in.equals(memory + "\n1\n");
    }
}
