// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class WatchedTest {
    @Test
    void it_shows_the_memory_and_who_was_killed() throws Exception {
        MustRun.root();
        List<String> lines = Printed.by(Watched::main).lines().toList();
        assertThat(lines).contains("killed: out of memory");
        assertThat(lines).anyMatch(line -> line.matches(" *\\d+ ms of processor time, +\\d+ KiB of memory, [12] tasks"));
    }
}
