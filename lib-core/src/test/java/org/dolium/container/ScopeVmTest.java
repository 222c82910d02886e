// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Containers under systemd.
@InTestVm
class ScopeVmTest {
    @TestFactory
    List<DynamicTest> scopes_of_the_system_manager() throws Exception {
        return TestVm.kernel("6.1").systemd().undelegated().run(ScopeCases.class, SessionCases.class);
    }

    @TestFactory
    List<DynamicTest> scopes_of_a_users_manager() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).undelegated().run(ScopeCases.class);
    }
}
