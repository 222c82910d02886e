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
        return TestVm.kernel("6.1").limitSeconds(1100).run(LimitTest.class, SwapCases.class, LaunchTest.class);
    }

    @TestFactory
    @InTestVm
    List<DynamicTest> updates_and_security_rows() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(1100)
                .run(LimitUpdateTest.class, LimitSecurityTest.class, ManyStartsTest.class);
    }

    @TestFactory
    @InTestVm
    List<DynamicTest> other_jvms_and_tight_parents() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(1100)
                .run(TightUnifiedCases.class, TightParentTest.class, OtherJvmsTest.class);
    }
}
