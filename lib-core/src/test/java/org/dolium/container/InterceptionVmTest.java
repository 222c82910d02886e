// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Handlers of system calls and faults on Debian's own kernels.
@InTestVm
class InterceptionVmTest {
    @TestFactory
    List<DynamicTest> on_an_old_kernel() throws Exception {
        return TestVm.kernel("6.1").run(InterceptionTest.class, FaultInjectionTest.class);
    }

    @TestFactory
    List<DynamicTest> on_a_newer_kernel_as_a_user() throws Exception {
        return TestVm.kernel("6.12").user(1001).run(InterceptionTest.class, FaultInjectionTest.class);
    }
}
