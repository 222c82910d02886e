// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

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

/// The tests of this module once more with unified cgroups, and those that need systemd's managers.
@InTestVm
class CgroupsVmTest {
    /// Those of cgroup v1; one that needs loop devices, which the kernel of the machine has no module loaded for; one that reads
    /// the tree of sources; one with a bus of its own, where there is a real manager; those that have others do their work.
    private static final List<String> NOT_THERE =
            List.of("LegacyLimitTest", "LegacyFreezingTest", "BlockDeviceTest", "DeviceProgramTest", "RealBusTest",
                    "PlainUserTest", "CgroupsVmTest");

    @TestFactory
    List<DynamicTest> as_root_under_systemd() throws Exception {
        List<Class<?>> classes = ofThisModule();
        assertThat(classes).hasSizeGreaterThan(15);
        classes.add(cases("systemd.ManagerCases"));
        return TestVm.kernel("6.1").systemd().undelegated().run(classes.toArray(Class<?>[]::new));
    }

    @TestFactory
    List<DynamicTest> as_a_user_of_systemd() throws Exception {
        return TestVm.kernel("6.12").systemd().user(1000).run(
                cases("systemd.ManagerCases"), cases("systemd.UserManagerCases"), cases("device.PlainUserCases"));
    }

    private static Class<?> cases(String name) throws ClassNotFoundException {
        return Class.forName("org.dolium.cgroup." + name, false, CgroupsVmTest.class.getClassLoader());
    }

    private static List<Class<?>> ofThisModule() throws IOException, ClassNotFoundException {
        Path root = Path.of(CgroupsVmTest.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (name.endsWith("Test") && !NOT_THERE.contains(name)) {
                    String type = root.relativize(file).toString().replace(".class", "").replace('/', '.');
                    classes.add(Class.forName(type, false, CgroupsVmTest.class.getClassLoader()));
                }
            }
        }
        return classes;
    }
}
