// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.linux.Propagation;
import org.junit.jupiter.api.Test;

class PivotTest {
    @Test
    void a_detached_tree_becomes_the_root_without_chroot() {
        assertThat(Lowered.below((plan, root) -> {
            Pivot.lowerDetach(plan, Propagation.PRIVATE);
            Pivot.lowerAttach(plan, root);
            Pivot.lowerEnter(plan, root);
        })).isEqualTo("""
                $1 = mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {propagation=MS_PRIVATE}, 32)
                $2 = move_mount($0, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)
                $3 = fchdir($0)
                $4 = pivot_root(".", ".")
                $5 = umount2(".", MNT_DETACH)
                $6 = chdir("/")
                """);
    }

    @Test
    void a_root_that_spreads_its_mounts_is_made_so_afterwards() {
        assertThat(Lowered.below((plan, root) -> {
            Pivot.lowerPropagation(plan, Propagation.SHARED);
            Pivot.lowerPropagation(plan, Propagation.UNBINDABLE);
            Pivot.lowerPropagation(plan, Propagation.PRIVATE);
            Pivot.lowerPropagation(plan, Propagation.SLAVE);
        })).isEqualTo("""
                $1 = mount_setattr(AT_FDCWD, "/", 0, {propagation=MS_SHARED}, 32)
                $2 = mount_setattr(AT_FDCWD, "/", 0, {propagation=MS_UNBINDABLE}, 32)
                """);
    }

    /// A mount that the container makes must never appear on the host.
    @Test
    void a_tree_is_a_slave_or_private_and_never_shared_with_the_host() {
        for (Propagation propagation : Propagation.values()) {
            String spread = propagation == Propagation.SLAVE ? "MS_SLAVE" : "MS_PRIVATE";
            assertThat(Lowered.root(new Root.Host(), propagation)).contains("propagation=" + spread + "}");
            assertThat(Lowered.root(new Root.Directory("/x", false), propagation)).contains("propagation=" + spread + "}");
        }
    }
}
