// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;

class DevTest {
    @Test
    void devices_are_made_where_that_is_allowed() throws IOException {
        Golden.check("dev-mknod", Lowered.mount(new Dev(true, 5, true)));
    }

    @Test
    void devices_of_the_host_are_checked_and_bound_elsewhere() throws IOException {
        Golden.check("dev-bind", Lowered.mount(new Dev(false, -1, false)));
    }

    @Test
    void message_queues_and_the_terminals_group_are_optional() {
        assertThat(Lowered.mount(new Dev(true, 7, false))).contains("\"gid\", \"7\"").doesNotContain("mqueue");
        assertThat(Lowered.mount(new Dev(true, -1, true))).doesNotContain("\"gid\"").contains("fsopen(\"mqueue\"");
    }

    @Test
    void a_terminal_is_allocated_by_descriptor_and_looked_at_before_it_is_used() throws IOException {
        String without = Lowered.mount(new Dev(true, 5, false));
        String with = Lowered.mount(new Dev(true, 5, false, new Terminal(24, 80, 1000)));
        assertThat(with).startsWith(without);
        Golden.check("dev-terminal", with.substring(without.length()));
    }

    /// The image can't choose what hides files: the node is opened in the new /dev, which nobody else has.
    @Test
    void the_node_that_hides_files_is_the_new_devs_own() {
        String text = Lowered.in(context -> {
            new Dev(true, 5, false).lower(context);
            new Masks(List.of("/x"), List.of(), List.of()).lower(context);
        });
        String dev = text.lines()
                .filter(line -> line.contains("fsmount("))
                .findFirst()
                .orElseThrow()
                .replaceAll(" =.*", "");
        String node = text.lines()
                .filter(line -> line.contains("openat(" + dev + ", \"null\""))
                .findFirst()
                .orElseThrow()
                .replaceAll(" =.*", "");
        assertThat(text).contains("open_tree(" + node + ", \"\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)");
    }
}
