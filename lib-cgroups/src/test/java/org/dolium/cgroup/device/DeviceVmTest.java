// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The kernel tests once more, on the oldest kernel of the test machine and with unified cgroups that have controllers.
@InTestVm
class DeviceVmTest {
    @TestFactory
    List<DynamicTest> device_lists_of_root() throws Exception {
        return TestVm.kernel("6.1").run(DeviceLimitTest.class);
    }

    @TestFactory
    List<DynamicTest> device_lists_of_a_plain_user() throws Exception {
        return TestVm.kernel("6.1").user(1000).run(PlainUserCases.class);
    }
}
