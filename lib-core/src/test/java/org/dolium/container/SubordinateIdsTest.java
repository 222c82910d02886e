// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.testing.SubordinateUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Subordinate ids need a user to whom some are granted, so the tests themselves are in
/// [SubordinateIdsCases] and [MissingHelperCases].
@Tag("kernel")
@Tag("root")
class SubordinateIdsTest {
    @TestFactory
    List<DynamicTest> as_a_plain_user_with_subordinate_ids() throws Exception {
        return SubordinateUser.run(SubordinateIdsCases.class);
    }

    @TestFactory
    List<DynamicTest> as_such_a_user_where_the_helper_programs_are_missing() throws Exception {
        return SubordinateUser.runWithoutHelpers(MissingHelperCases.class);
    }
}
