// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Pulls of a plain user.
@Tag("kernel")
@Tag("root")
class PlainUserPullTest {
    @TestFactory
    List<DynamicTest> plain_users_pull_as_well() throws Exception {
        return PlainUser.run(ImagePullTest.class, LyingMirrorTest.class);
    }
}
