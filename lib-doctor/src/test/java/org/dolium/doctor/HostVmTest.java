// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The report on a machine with Debian's own kernel and unified cgroups.
@InTestVm
class HostVmTest {
    @TestFactory
    List<DynamicTest> on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").run(HostVmCases.class);
    }
}
