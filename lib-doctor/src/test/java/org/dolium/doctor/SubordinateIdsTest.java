// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.SubordinateUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the report says to a user who is granted ids, with and without newuidmap(1).
@Tag("kernel")
@Tag("root")
class SubordinateIdsTest {
    @ExtendWith(LeakCheck.class)
    static class GrantedCases {
        @Test
        void the_report_on_this_host_says_that_they_are_granted() throws Exception {
            assertThat(Host.probe().report()).containsPattern("id ranges +ok +granted by /etc/subuid and /etc/subgid\n");
        }
    }

    @ExtendWith(LeakCheck.class)
    static class MissingHelperCases {
        @Test
        void the_report_on_this_host_names_the_missing_program() throws Exception {
            assertThat(Host.probe().report())
                    .contains("newuidmap was not found\n")
                    .contains("remedy: install the package 'uidmap'", "sudo usermod --add-subuids 100000-165535");
        }
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user_with_subordinate_ids() throws Exception {
        return SubordinateUser.run(GrantedCases.class);
    }

    @TestFactory
    List<DynamicTest> as_such_a_user_where_the_helper_programs_are_missing() throws Exception {
        return SubordinateUser.runWithoutHelpers(MissingHelperCases.class);
    }
}
