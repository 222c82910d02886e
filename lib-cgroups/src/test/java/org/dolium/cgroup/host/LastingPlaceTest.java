// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /// A scope's groups go with it, but only in the hierarchies that systemd manages.
    @Test
    void a_group_is_found_where_it_still_is(@TempDir Path directory) throws Exception {
        Path left = Files.createDirectories(directory.resolve("cpuset/dolium-d-1"));
        List<String> address =
                List.of("PIDS " + directory + "/pids/gone.scope", "CPUSET " + left.getParent(), "beside " + directory + "/gone.scope");
        try (Cgroups place = Cgroups.lastingAt(address)) {
            Cgroup found = place.reopen(new CgroupName("dolium-d-1"), Limits.none());
            assertThat(found).isNotNull();
            assertThat(found.parts()).singleElement().satisfies(part -> assertThat(part.directory().path()).isEqualTo(left.toString()));
            found.close();
        }
        assertThat(left).doesNotExist();
        try (Cgroups place = Cgroups.lastingAt(address)) {
            assertThat(place.reopen(new CgroupName("dolium-d-1"), Limits.none())).isNull();
        }
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
