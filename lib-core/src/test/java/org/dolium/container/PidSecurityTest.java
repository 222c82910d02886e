// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Row L-06 of the security matrix: pids are given again so soon that another process has that of a container.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class PidSecurityTest extends SecurityRows {
    private String attempt(String how) throws Exception {
        MustRun.root();
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        return Situation.run(
                List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"), "exec \"$@\"", scratch, ReusedPid.class,
                root.toString(), how);
    }

    @Test
    void L_06_a_signal_never_reaches_another_process_that_has_the_pid() throws Exception {
        assertThat(attempt("handle")).isEqualTo("sent false, the other process lives true\n");
    }

    @Test
    void L_06_without_the_control_it_does() throws Exception {
        assertThat(attempt("number")).isEqualTo("sent true, the other process lives false\n");
    }
}
