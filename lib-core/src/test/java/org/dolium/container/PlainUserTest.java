// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// The kernel tests once more, in a JVM without privileges.
@Tag("kernel")
@Tag("root")
class PlainUserTest {
    @TestFactory
    List<DynamicTest> kernel_tests_as_a_plain_user() throws Exception {
        return PlainUser.run(LaunchTest.class, ErrorsTest.class, BindTest.class, OverlayTest.class, EndOfContainerTest.class,
                BusyHostTest.class, TerminalTest.class, OutputTest.class);
    }

    @TestFactory
    List<DynamicTest> lifecycle_as_a_plain_user() throws Exception {
        return PlainUser.run(StopTest.class, InitTest.class, PrepareTest.class, LifecycleEventsTest.class,
                SupervisedTest.class);
    }

    @TestFactory
    List<DynamicTest> security_rows_as_a_plain_user() throws Exception {
        return PlainUser.run(PathSecurityTest.class, DescriptorSecurityTest.class, CredentialSecurityTest.class,
                UserFileSecurityTest.class, ImageRootSecurityTest.class, TerminalSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> more_security_rows_as_a_plain_user() throws Exception {
        return PlainUser.run(KeyringSecurityTest.class, KernelFilesSecurityTest.class, MaskSecurityTest.class, InspectionTest.class,
                SyscallSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> confinement_as_a_plain_user() throws Exception {
        return PlainUser.run(SysctlSecurityTest.class, LabelSecurityTest.class, LandlockTest.class,
                DeviceSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> without_user_namespaces() throws Exception {
        return PlainUser.runWithoutUserNamespaces(WithoutNamespacesTest.class);
    }

    @TestFactory
    List<DynamicTest> rows_about_commands_as_a_plain_user() throws Exception {
        return PlainUser.run(CommandSecurityTest.class, JvmSecurityTest.class, NetworkSecurityTest.class);
    }

    @TestFactory
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    List<DynamicTest> races_as_a_plain_user() throws Exception {
        return PlainUser.run(RaceSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> further_commands_as_a_plain_user() throws Exception {
        return PlainUser.run(ExecTest.class, ExecSecurityTest.class, ProcessTableTest.class);
    }

    @TestFactory
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    List<DynamicTest> terminals_of_further_commands_as_a_plain_user() throws Exception {
        return PlainUser.run(ExecTerminalTest.class, ExecTerminalSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> intercepted_calls_as_a_plain_user() throws Exception {
        return PlainUser.run(SupervisionSecurityTest.class, InterceptionTest.class, FaultInjectionTest.class);
    }

    @TestFactory
    List<DynamicTest> files_as_a_plain_user() throws Exception {
        return PlainUser.run(FilesTest.class, FileSystemViewTest.class, FilesSecurityTest.class, GivenFilesTest.class);
    }

    @TestFactory
    List<DynamicTest> detached_containers_as_a_plain_user() throws Exception {
        return PlainUser.run(DetachedTest.class, DetachedLogsTest.class, DetachedProcessTest.class);
    }

    @TestFactory
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    List<DynamicTest> further_commands_in_detached_containers_as_a_plain_user() throws Exception {
        return PlainUser.run(DetachedExecTest.class, DetachedExecSecurityTest.class, DetachedExecTerminalSecurityTest.class);
    }

    @TestFactory
    List<DynamicTest> what_follows_the_end_of_detached_containers_as_a_plain_user() throws Exception {
        return PlainUser.run(DetachedAfterTest.class);
    }

    @TestFactory
    List<DynamicTest> monitors_as_a_plain_user() throws Exception {
        return PlainUser.run(MonitorTest.class, MonitorKillTest.class);
    }

    @TestFactory
    List<DynamicTest> attachments_as_a_plain_user() throws Exception {
        return PlainUser.run(DetachedAttachTest.class);
    }
}
