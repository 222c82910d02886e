// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.api.Test;

class CredentialsTest {
    private final PlanBuilder plan = new PlanBuilder();

    @Test
    void groups_are_set_before_gid_and_uid() {
        new Credentials(1000, 100, List.of(29L, 44L)).lower(plan, false);
        assertThat(plan.build(3)).hasToString("""
                $0 = setgroups(3, [100, 29, 44])
                $1 = setresgid(100, 100, 100)
                $2 = setresuid(1000, 1000, 1000)
                """);
    }

    @Test
    void a_primary_group_that_is_listed_is_not_added_again() {
        new Credentials(0, 0, List.of(0L, 7L)).lower(plan, false);
        assertThat(plan.build(3).toString()).startsWith("$0 = setgroups(2, [0, 7])\n");
    }

    @Test
    void where_setgroups_is_forbidden_it_is_not_tried() {
        new Credentials(0, 0, List.of()).lower(plan, true);
        assertThat(plan.build(3)).hasToString("""
                $0 = setresgid(0, 0, 0)
                $1 = setresuid(0, 0, 0)
                """);
    }

    @Test
    void groups_are_32_bit_little_endian_words() {
        new Credentials(0, 0xfffffffeL, List.of(0x01020304L)).lower(plan, false);
        Step.Call setgroups = (Step.Call) plan.build(3).steps().get(0);
        assertThat(((Arg.Bytes) setgroups.call().args().get(1)).value()).containsExactly(-2, -1, -1, -1, 4, 3, 2, 1);
    }

    @Test
    void ids_out_of_range_and_too_many_groups_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Credentials(-1, 0, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Credentials(0, 0xffffffffL, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Credentials(0, 0, List.of(0xffffffffL)));
        List<Long> tooMany = Collections.nCopies(65536, 1L);
        assertThatIllegalArgumentException().isThrownBy(() -> new Credentials(0, 0, tooMany));
    }
}
