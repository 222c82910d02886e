// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The command line once more, in a JVM without privileges.
@Tag("kernel")
@Tag("root")
class PlainUserTest {
    @TestFactory
    List<DynamicTest> command_line_tests_as_a_plain_user() throws Exception {
        List<Class<?>> classes = new ArrayList<>(List.of(
                ExitStatusTest.class, RunOptionsTest.class, StreamsTest.class, SignalsTest.class, DoctorTest.class, InjectTest.class,
                RunImageTest.class, ExecCommandTest.class, TerminalTest.class, DetachedInputTest.class, AfterEndTest.class,
                ContainerVerbsTest.class));
        if (!Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
            classes.add(LegacyUserCases.class);
        }
        return PlainUser.run(classes.toArray(Class<?>[]::new));
    }
}
