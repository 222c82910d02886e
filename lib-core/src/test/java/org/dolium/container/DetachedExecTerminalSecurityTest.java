// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/// Terminals of commands in containers that are found again for each of them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedExecTerminalSecurityTest extends ExecTerminalSecurityTest {
    private static final int EXECS = 500;

    @Override
    Opened open(ContainerBuilder builder) throws Exception {
        return Opened.found(directory, builder);
    }

    @Override
    int execs() {
        return EXECS;
    }
}
