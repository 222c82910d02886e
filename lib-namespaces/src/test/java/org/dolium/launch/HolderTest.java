// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class HolderTest {
    @Test
    void a_holder_sleeps_until_it_is_closed() throws Exception {
        Holder holder = Holder.start();
        Path directory = Path.of("/proc/" + holder.pid());
        try (holder) {
            Await.that("it has its name", () -> Files.readString(directory.resolve("comm")).equals("dolium-holder\n"));
            Await.that("it sleeps", () -> Files.readString(directory.resolve("status")).contains("State:\tS"));
        }
        assertThat(directory).doesNotExist();
    }

    /// As a JVM keeps one for its scope: the leak check of this test counts neither the process nor what holds on to it.
    @Test
    void a_holder_that_is_kept_is_no_leak() throws Exception {
        assertThat(Holder.start().pid()).isPositive();
    }
}
