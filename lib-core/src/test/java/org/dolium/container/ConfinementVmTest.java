// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Keyrings, masks, kernel parameters, Landlock, and the other security rows on Debian's own kernels.
@InTestVm
class ConfinementVmTest {
    private static final int LIMIT_SECONDS = 1100;

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

    @TestFactory
    List<DynamicTest> rows_on_an_old_kernel() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(
                PathSecurityTest.class, DescriptorSecurityTest.class, CredentialSecurityTest.class, CommandSecurityTest.class,
                DeviceSecurityTest.class, LabelSecurityTest.class, UserFileSecurityTest.class, PidSecurityTest.class,
                SurfaceSecurityTest.class, RaceSecurityTest.class, AttackerSecurityTest.class, JvmSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> rows_as_a_user() throws Exception {
        return TestVm.kernel("6.12").user(1001).limitSeconds(LIMIT_SECONDS).run(
                PathSecurityTest.class, DescriptorSecurityTest.class, CredentialSecurityTest.class, CommandSecurityTest.class,
                DeviceSecurityTest.class, LabelSecurityTest.class, UserFileSecurityTest.class, RaceSecurityTest.class,
                JvmSecurityTest.class, WithoutNamespacesTest.class, NetworkSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> system_calls() throws Exception {
        return TestVm.kernel("6.12").packages("gcc libc6-dev").limitSeconds(LIMIT_SECONDS).run(SyscallSecurityTest.class);
    }
}
