// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.kernel.HostProbe;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers whose cgroups systemd made room for, in the test machine.
@ExtendWith(LeakCheck.class)
class ScopeCases {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static ContainerBuilder shell(String script) {
        return ContainerBuilder.create().command("sh", "-c", script);
    }

    static CgroupChoice.Scope choice() throws Exception {
        return (CgroupChoice.Scope) Cgroups.at(CgroupPlacement.automatic(), HostProbe.host()).choice();
    }

    @Test
    void the_manager_is_asked() throws Exception {
        assertThat(choice().userManager()).isEqualTo(HostProbe.host().uid() != 0);
    }

    @Test
    void limits_are_in_force_and_the_group_is_the_root_of_what_the_container_sees() throws Exception {
        try (Container container = shell("cat /proc/self/cgroup; sleep 1000")
                .pids(77).memory(MemorySize.mebibytes(64)).start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("0::/");
            assertThat(directory(container).resolve("pids.max")).hasContent("77");
            assertThat(directory(container).resolve("memory.max")).hasContent("67108864");
            assertThat(directory(container).resolve("memory.swap.max")).hasContent("0");
            assertThat(container.reductions()).isEmpty();
        }
    }

    @Test
    void a_further_command_is_in_the_group_too_and_counts_for_it() throws Exception {
        try (Container container = shell("exec sleep 1000").pids(77).start();
                Execution execution = container.exec("sleep", "1000").start()) {
            String group = Files.readString(Path.of("/proc/" + container.pid() + "/cgroup"));
            assertThat(Files.readString(Path.of("/proc/" + execution.pid() + "/cgroup"))).isEqualTo(group);
            assertThat(directory(container).resolve("pids.current")).hasContent("2");
            assertThat(container.exec("cat", "/proc/self/cgroup").run(LIMIT).stdout()).isEqualTo("0::/\n");
        }
    }

    @Test
    void what_was_counted_is_there_after_the_end() throws Exception {
        Result result = shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done").memory(MemorySize.mebibytes(64)).run(LIMIT);
        assertThat(result.peakMemory()).isPresent();
        assertThat(result.cpuTime()).isPositive();
    }

    @Test
    void a_program_that_needs_more_memory_than_it_may_is_killed_and_that_is_told() throws Exception {
        Result result = shell("x=aaaaaaaa; while :; do x=$x$x; [ ${#x} -gt 50000000 ] && break; done; echo done")
                .memory(MemorySize.mebibytes(24)).run(LIMIT);
        assertThat(result.status()).isInstanceOf(ExitStatus.OutOfMemory.class);
    }

    @Test
    void several_containers_are_in_one_scope_and_gone_after_their_end() throws Exception {
        Path first;
        try (Container one = shell("sleep 1000").start();
                Container two = shell("sleep 1000").start()) {
            first = directory(one);
            assertThat(directory(two).getParent()).isEqualTo(first.getParent());
            assertThat(first.getParent().getParent().toString()).endsWith(".scope");
        }
        assertThat(first).doesNotExist();
        assertThat(first.getParent()).exists();
    }

    static Path directory(Container container) throws Exception {
        String line = Files.readString(Path.of("/proc/" + container.pid() + "/cgroup")).trim();
        return Path.of("/sys/fs/cgroup" + line.substring("0::".length()));
    }

    /// A user's manager has cpu, memory and pids.
    @Test
    void a_controller_that_is_not_delegated_is_named() throws Exception {
        List<String> controllers;
        try (Container container = shell("sleep 1000").start()) {
            controllers = List.of(Files.readString(directory(container).resolve("cgroup.controllers")).trim().split(" ", -1));
        }
        assertThat(controllers).contains("cpu", "memory", "pids");
    }
}
