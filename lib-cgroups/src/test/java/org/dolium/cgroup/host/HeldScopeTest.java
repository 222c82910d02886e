// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dolium.cgroup.CgroupMount;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class HeldScopeTest {
    private static final int NOBODYS_UID = 54_321;

    @Test
    void where_systemd_makes_no_scope_for_a_container_it_is_said_what_goes_without() {
        CgroupMount mount = CgroupMount.parse("2 0 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").getFirst();
        assertThatThrownBy(() -> HeldScope.ofContainer(mount, NOBODYS_UID, "dolium-d-1", true))
                .isInstanceOf(UnsupportedHostException.class)
                .hasMessageContaining("dolium-d-1").hasMessageContaining("CgroupPlacement.none()").hasMessageContaining("below(PATH)");
    }
}
