// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Figures, events and pauses on unified cgroups.
@InTestVm
class AccountingVmTest {
    /// The classes took five minutes with Linux 6.1 on a host with four times more to do than it could.
    private static final int LIMIT_SECONDS = 1000;

    private static final Class<?>[] CLASSES = {
        StatsTest.class, StatsStreamTest.class, UsageTest.class, EventsTest.class, PauseTest.class
    };

    @TestFactory
    List<DynamicTest> on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(CLASSES);
    }

    @TestFactory
    List<DynamicTest> on_linux_6_12() throws Exception {
        return TestVm.kernel("6.12").limitSeconds(LIMIT_SECONDS).run(CLASSES);
    }
}
