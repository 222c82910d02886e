// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.testing.InTestVm;
import org.dolium.testing.TestVm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The security rows of this module once more on Debian's own kernels, and the tests of Landlock and of handlers.
@InTestVm
class SecurityVmTest {
    /// Those of limits are tried with unified cgroups in [ContainersVmTest] and [OsContainerVmTest]. The others are races and hundreds of launches: an
    /// emulated attacker is never fast enough, and the kernel's version makes no difference to them.
    private static final List<String> ELSEWHERE = List.of(
            "LimitSecurityTest", "DelegationSecurityTest", "AttackerSecurityTest", "CommandSecurityTest", "ExecSecurityTest",
            "ExecTerminalSecurityTest", "DetachedExecSecurityTest", "DetachedExecTerminalSecurityTest", "FilesSecurityTest",
            "LaunchSecurityTest", "RaceSecurityTest");
    private static final List<String> ALSO =
            List.of("LandlockTest", "WithoutNamespacesTest", "InterceptionTest", "FaultInjectionTest");
    /// Debian's 6.1 has no Landlock.
    private static final List<String> NEED_LANDLOCK = List.of("LandlockTest", "WithoutNamespacesTest");
    private static final List<String> OF_CGROUP_V1 = List.of("LegacySecurityTest");
    /// What only root can try.
    private static final List<String> OF_ROOT = List.of("PidSecurityTest", "SurfaceSecurityTest");
    private static final int LIMIT_SECONDS = 2500;

    @TestFactory
    List<DynamicTest> as_root_on_an_old_kernel() throws Exception {
        return machine("6.1").limitSeconds(LIMIT_SECONDS).run(without(ELSEWHERE, OF_CGROUP_V1, NEED_LANDLOCK));
    }

    @TestFactory
    List<DynamicTest> as_a_user_on_a_newer_kernel() throws Exception {
        return machine("6.12").user(1001).limitSeconds(LIMIT_SECONDS).run(without(ELSEWHERE, OF_CGROUP_V1, OF_ROOT));
    }

    /// Programs that try system calls are compiled there.
    private static TestVm machine(String kernel) {
        return TestVm.kernel(kernel).packages("gcc libc6-dev");
    }

    @SafeVarargs
    private static Class<?>[] without(List<String>... left) throws IOException, ClassNotFoundException {
        ClassLoader loader = SecurityVmTest.class.getClassLoader();
        Path directory = Path.of(SecurityVmTest.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve(SecurityVmTest.class.getPackageName().replace('.', '/')))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if ((name.endsWith("SecurityTest") || ALSO.contains(name)) && Stream.of(left).noneMatch(names -> names.contains(name))) {
                    classes.add(Class.forName(SecurityVmTest.class.getPackageName() + "." + name, false, loader));
                }
            }
        }
        assertThat(classes).hasSizeGreaterThan(10);
        return classes.toArray(Class<?>[]::new);
    }
}
