// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The examples once more, in a JVM without privileges.
@Tag("kernel")
@Tag("root")
class PlainUserTest {
    @TestFactory
    List<DynamicTest> examples_as_a_plain_user() throws Exception {
        return PlainUser.run(
                HelloTest.class, CompileSandboxTest.class, UntrustedScriptTest.class, LoopbackServerTest.class,
                ThousandContainersTest.class, FlakyDiskTest.class);
    }
}
