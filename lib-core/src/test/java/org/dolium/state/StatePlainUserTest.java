// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("kernel")
@Tag("root")
class StatePlainUserTest {
    @TestFactory
    List<DynamicTest> state_directories_of_a_plain_user() throws Exception {
        return PlainUser.run(StateDirectoryTest.class, LogTapeTest.class);
    }
}
