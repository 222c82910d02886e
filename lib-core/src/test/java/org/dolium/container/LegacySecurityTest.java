// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.capability.Capability;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Rows whose attack needs cgroup v1.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LegacySecurityTest extends SecurityRows {
    @Test
    void S_11_without_the_control_it_can() throws Exception {
        MustRun.require(Files.exists(Path.of("/sys/fs/cgroup/pids/cgroup.procs")), "cgroup v1");
        String mount = "mount -t cgroup -o pids none /mnt; echo $?";
        assertThat(output(tiny(Mode.R, mount).addCapabilities(Capability.SYS_ADMIN))).endsWith("0\n");
    }
}
