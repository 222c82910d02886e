// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// AppArmor profiles on a kernel that has system calls for labels, and on one that has only files.
@InTestVm
class AppArmorVmTest {
    @TestFactory
    List<DynamicTest> by_system_calls() throws Exception {
        return TestVm.kernel("6.12").apparmor().run(AppArmorCases.class);
    }

    @TestFactory
    List<DynamicTest> by_files() throws Exception {
        return TestVm.kernel("6.1").apparmor().run(AppArmorCases.class);
    }
}
