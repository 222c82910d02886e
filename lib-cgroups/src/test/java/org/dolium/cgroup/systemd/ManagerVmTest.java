// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Real systemd managers.
@InTestVm
class ManagerVmTest {
    @TestFactory
    List<DynamicTest> the_system_manager() throws Exception {
        return TestVm.kernel("6.1").systemd().undelegated().run(ManagerCases.class);
    }

    @TestFactory
    List<DynamicTest> a_users_manager() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).run(ManagerCases.class, UserManagerCases.class);
    }
}
