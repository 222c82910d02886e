// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Tests of containers once more on Debian's own kernels, with unified cgroups that have controllers. One machine runs many
/// classes: it takes longer to start than most of them.
@InTestVm
class ContainersVmTest {
    private static final int LIMIT_SECONDS = 1100;

    @TestFactory
    List<DynamicTest> limits_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(
                LimitTest.class, SwapCases.class, UnifiedCases.class, WeightTest.class, LimitUpdateTest.class,
                LimitSecurityTest.class, ManyStartsTest.class, TightUnifiedCases.class, TightParentTest.class, OtherJvmsTest.class);
    }

    @TestFactory
    List<DynamicTest> launches_figures_and_events_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(
                LaunchTest.class, BindTest.class, OverlayTest.class, ErrorsTest.class, EndOfContainerTest.class, StatsTest.class,
                StatsStreamTest.class, UsageTest.class, EventsTest.class, PauseTest.class);
    }

    @TestFactory
    List<DynamicTest> further_commands_terminals_and_files_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(
                ExecTest.class, ExecTerminalTest.class, InitTest.class, StopTest.class, TerminalTest.class, FilesTest.class);
    }

    @TestFactory
    List<DynamicTest> commands_in_detached_containers_on_linux_6_1() throws Exception {
        return TestVm.kernel("6.1").limitSeconds(LIMIT_SECONDS).run(DetachedExecTest.class);
    }

    @TestFactory
    List<DynamicTest> on_linux_6_12() throws Exception {
        return TestVm.kernel("6.12").limitSeconds(LIMIT_SECONDS).run(
                LimitTest.class, SwapCases.class, StatsTest.class, StatsStreamTest.class, UsageTest.class, EventsTest.class,
                PauseTest.class);
    }

    @TestFactory
    List<DynamicTest> as_root_under_systemd() throws Exception {
        return TestVm.kernel("6.1").systemd().undelegated().run(ScopeCases.class, SessionCases.class, DetachedScopeCases.class);
    }

    @TestFactory
    List<DynamicTest> as_root_under_systemd_with_controllers_in_cgroup_v1() throws Exception {
        return TestVm.kernel("6.1").systemd().undelegated().append("systemd.unified_cgroup_hierarchy=0").run(DetachedScopeCases.class);
    }

    @TestFactory
    List<DynamicTest> as_a_user_of_systemd() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).undelegated().limitSeconds(LIMIT_SECONDS)
                .run(ScopeCases.class, DetachedScopeCases.class, LaunchTest.class, BindTest.class, EndOfContainerTest.class);
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
