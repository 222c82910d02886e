// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.EnumSet;
import java.util.Set;
import org.dolium.linux.Sys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// SECURITY L-01: what a child may do while it shares the JVM's memory.
class CloneStubTest {
    /// They change the descriptor table of the child, which is its own, its own credentials, or replace it.
    private static final Set<Sys> HARMLESS = EnumSet.of(Sys.DUP3, Sys.CLOSE_RANGE, Sys.EXECVEAT, Sys.CAPSET);

    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_CAP_AMBIENT = 47;

    private final CloneStub stub = new CloneStub();

    @ParameterizedTest
    @EnumSource
    void L_01_only_calls_that_leave_the_jvm_alone_are_accepted(Sys sys) {
        if (HARMLESS.contains(sys)) {
            assertThatCode(() -> stub.add(sys, 0, 0, 0, 0, 0)).doesNotThrowAnyException();
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> stub.add(sys, 0, 0, 0, 0, 0))
                    .withMessage(sys.text() + " in a child that shares the JVM's memory changes the JVM");
        }
    }

    @Test
    void L_01_of_prctl_only_what_belongs_to_the_task_is_accepted() {
        for (long option = -1; option < 80; option++) {
            long asked = option;
            if (option == PR_SET_PDEATHSIG || option == PR_CAP_AMBIENT) {
                stub.add(Sys.PRCTL, asked, 0, 0, 0, 0);
            } else {
                assertThatIllegalArgumentException().isThrownBy(() -> stub.add(Sys.PRCTL, asked, 0, 0, 0, 0));
            }
        }
    }

    @Test
    void a_list_that_is_too_long_is_refused_before_memory_is_overwritten() {
        int accepted = 0;
        try {
            while (accepted < 10_000) {
                stub.add(Sys.CLOSE_RANGE, 9, 9, 0, 0, 0);
                accepted++;
            }
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("calls before execveat");
        }
        assertThat(accepted).isBetween(60, 1000);
        stub.reset();
        assertThatCode(() -> stub.add(Sys.CLOSE_RANGE, 9, 9, 0, 0, 0)).doesNotThrowAnyException();
    }
}
