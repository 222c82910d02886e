// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.util.List;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Containers of images once more, in a JVM without privileges.
@Tag("kernel")
@Tag("root")
class PlainUserTest {
    @TestFactory
    List<DynamicTest> images_as_a_plain_user() throws Exception {
        return PlainUser.run(ImageContainerTest.class, ImageSecurityTest.class, ImagesTest.class);
    }
}
