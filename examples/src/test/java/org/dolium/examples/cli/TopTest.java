// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

/// What `dolium top` takes of the output of ps(1).
class TopTest {
    @Test
    void only_the_processes_of_the_container_are_shown() throws Exception {
        String table = """
                UID          PID    PPID  C STIME TTY          TIME CMD
                root          12       1  0 05:00 ?        00:00:00 sleep 13
                root          13      12  0 05:00 ?        00:00:00 sh -c \u001b[2J
                """;
        assertThat(TopCommand.filtered(table, Set.of(13L))).containsExactly(
                "UID          PID    PPID  C STIME TTY          TIME CMD", "root          13      12  0 05:00 ?        00:00:00 sh -c ?[2J");
    }

    @Test
    void without_pids_nobody_knows_whose_they_are() {
        assertThatThrownBy(() -> TopCommand.filtered("CMD\nsleep\n", Set.of(1L))).hasMessage("Couldn't find PID field in ps output");
    }

    @Test
    void children_belong_to_a_container_and_its_parents_do_not() throws Exception {
        long own = ProcessHandle.current().pid();
        Process child = new ProcessBuilder("sleep", "1000").start();
        try {
            assertThat(Members.of(own)).contains(own, child.pid());
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThatThrownBy(() -> Members.of(4194305)).hasMessageContaining("has ended");
    }
}
