// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.dolium.cgroup.Controller;
import org.junit.jupiter.api.Test;

class LastingPlaceTest {
    @Test
    void a_place_is_read_as_it_was_told() {
        List<CgroupChoice> choices = List.of(
                new CgroupChoice.Unified("/sys/fs/cgroup/a b", List.of(), false),
                new CgroupChoice.Legacy(List.of(new CgroupChoice.Legacy.Base(Controller.PIDS, "/c/pids/x")), ""),
                new CgroupChoice.Legacy(List.of(new CgroupChoice.Legacy.Base(Controller.PIDS, "/c/pids/x")), "/c/unified/x"));
        for (CgroupChoice choice : choices) {
            for (String scope : List.of("", "/system.slice/dolium-d-1_2.scope")) {
                List<String> text = LastingPlace.text(choice, scope);
                assertThat(LastingPlace.parse(text)).isEqualTo(choice);
                assertThat(LastingPlace.scope(text)).isEqualTo(scope);
            }
        }
        assertThat(LastingPlace.parse(List.of())).isInstanceOf(CgroupChoice.Nothing.class);
    }

    @Test
    void what_is_no_place_is_an_error() {
        List<List<String>> wrong = List.of(
                List.of("unified relative"), List.of("unified /a", "PIDS /b"), List.of("unified /a", "beside /b"), List.of("scope /a"),
                List.of("PIDS /a", "scope /b", "MEMORY /c"), List.of("PIDS /a", "unified /b"), List.of("NOTHING /a"), List.of("/a"),
                List.of("unified /a/../b"));
        for (List<String> text : wrong) {
            assertThatIllegalArgumentException().as("" + text).isThrownBy(() -> LastingPlace.parse(text));
        }
    }
}
