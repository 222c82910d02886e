// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// OS containers where cgroups are unified and have controllers.
@InTestVm
class OsContainerVmTest {
    private static final int LIMIT_SECONDS = 2500;

    @TestFactory
    List<DynamicTest> on_linux_6_12() throws Exception {
        return TestVm.kernel("6.12").osRoot().limitSeconds(LIMIT_SECONDS)
                .run(SystemdTest.class, OsContainerTest.class, DelegationSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> under_systemd_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").systemd().undelegated().osRoot().limitSeconds(LIMIT_SECONDS)
                .run(SystemdTest.class, DetachedSystemdTest.class);
    }
}
