// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Keyrings, masks, kernel parameters and Landlock on Debian's own kernels.
@InTestVm
class ConfinementVmTest {
    @TestFactory
    List<DynamicTest> on_an_old_kernel() throws Exception {
        return TestVm.kernel("6.1").run(
                KeyringSecurityTest.class, KernelFilesSecurityTest.class, MaskSecurityTest.class, SysctlSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> on_a_newer_kernel() throws Exception {
        return TestVm.kernel("6.12").run(
                KeyringSecurityTest.class, KernelFilesSecurityTest.class, MaskSecurityTest.class, SysctlSecurityTest.class,
                LandlockTest.class);
    }

    @TestFactory
    List<DynamicTest> as_a_user() throws Exception {
        return TestVm.kernel("6.12").user(1001).run(
                KeyringSecurityTest.class, MaskSecurityTest.class, SysctlSecurityTest.class, LandlockTest.class);
    }
}
