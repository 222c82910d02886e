// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Row P-15 of the security matrix where the JVM's root is the initramfs, in a [org.dolium.testing.TestVm].
@ExtendWith(LeakCheck.class)
class InitramfsCases extends SecurityRows {
    @Test
    void P_15_a_root_that_nobody_can_pivot_out_of_is_an_error_that_says_so() throws Exception {
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).contains(" / / rw - rootfs rootfs ");
        for (Mode mode : Mode.here()) {
            assertThatThrownBy(() -> tiny(mode, "echo ran").run(LIMIT))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("pivot_root(\".\", \".\") = -1 EINVAL")
                    .hasMessageContaining("switch_root(8)");
        }
    }
}
