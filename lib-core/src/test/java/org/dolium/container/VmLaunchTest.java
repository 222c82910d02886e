// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The launch tests once more on Debian's own kernels, with unified cgroups.
@InTestVm
class VmLaunchTest {
    @TestFactory
    List<DynamicTest> as_root_with_a_minimal_process_1() throws Exception {
        return TestVm.kernel("6.1").run(LaunchTest.class, BindTest.class, ErrorsTest.class, EndOfContainerTest.class);
    }

    @TestFactory
    List<DynamicTest> as_a_user_of_systemd() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).run(LaunchTest.class, BindTest.class, EndOfContainerTest.class);
    }

    @TestFactory
    List<DynamicTest> as_a_user_where_apparmor_is_on() throws Exception {
        return TestVm.kernel("6.12").apparmor().user(1001).run(LaunchTest.class);
    }

    @TestFactory
    List<DynamicTest> on_another_processor() throws Exception {
        return TestVm.arm64().run(LaunchTest.class);
    }

    @TestFactory
    List<DynamicTest> where_the_root_is_the_initramfs() throws Exception {
        return TestVm.kernel("6.1").initramfs().run(InitramfsCases.class);
    }
}
