// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Limits on unified cgroups.
class LimitVmTest {
    @TestFactory
    @InTestVm
    List<DynamicTest> limits_under_a_bare_init_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").run(
                LimitTest.class, LimitUpdateTest.class, LimitSecurityTest.class, ManyStartsTest.class, OtherJvmsTest.class,
                TightParentTest.class, TightUnifiedCases.class, SwapCases.class, LaunchTest.class);
    }
}
