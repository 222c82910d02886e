// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// The same as a plain user, when the build runs as root.
@Tag("kernel")
@Tag("root")
class PlainUserTest {
    @TestFactory
    List<DynamicTest> containers_are_committed_as_a_plain_user() throws Exception {
        return PlainUser.run(CommitTest.class, ContainerArchivesTest.class);
    }
}
