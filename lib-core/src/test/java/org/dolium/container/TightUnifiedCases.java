// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Run by [LimitVmTest]: row L-02 with what only cgroup v2 has.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class TightUnifiedCases extends TightParent {
    /// As on machines of some providers: the whole group dies with one process.
    @ParameterizedTest
    @CsvSource({"4096", "131072", "262144", "524288"})
    void l02_a_parent_whose_processes_die_together_does_not_take_the_jvm_along(String bytes) throws Exception {
        limit("memory.oom.group", "1");
        limit(MEMORY_FILE, bytes);
        assertThat(attempt()).endsWith("the JVM lives\n");
    }
}
