// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Run by [ContainersVmTest]: row L-02 with what only cgroup v2 has.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class TightUnifiedCases extends TightParent {
    /// As on machines of some providers: the whole group dies with one process.
    @ParameterizedTest
    @MethodSource("littleMemory")
    void L_02_a_parent_whose_processes_die_together_does_not_take_the_jvm_along(String bytes) throws Exception {
        limit("memory.oom.group", "1");
        limit(MEMORY_FILE, bytes);
        assertThat(attempt()).endsWith("the JVM lives\n");
    }

    /// All in the group die again and again, also while a child that shares the JVM's memory is about to be in it.
    @Test
    void L_07_a_jvm_outlives_the_memory_shortage_of_a_group_that_its_containers_are_put_into() throws Exception {
        limit("memory.oom.group", "1");
        limit(MEMORY_FILE, "33554432");
        limit("memory.swap.max", "0");
        Path hungry = Files.createDirectory(group().resolve("hungry"));
        Process others = new ProcessBuilder("bash", "-c", """
                while [ -e "$0" ]; do
                    bash -c 'echo $$ >"$0/cgroup.procs" && tail -n 1 /dev/zero' "$0"
                done""", hungry.toString()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            String[] starts = new String[30];
            Arrays.fill(starts, BELOW);
            assertThat(attempt(starts)).endsWith("the JVM lives\n");
            assertThat(Files.readString(group().resolve("memory.events"))).doesNotContain("oom_group_kill 0\n");
        } finally {
            others.destroyForcibly().waitFor();
            Files.writeString(hungry.resolve("cgroup.kill"), "1");
            while (!Files.readString(hungry.resolve("cgroup.procs")).isEmpty()) {
                Thread.sleep(10);
            }
        }
    }
}
