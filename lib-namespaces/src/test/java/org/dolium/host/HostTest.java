// SPDX-License-Identifier: Apache-2.0
package org.dolium.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.linux.Arch;
import org.junit.jupiter.api.Test;

class HostTest {
    private static final long CAP_SETUID = 1L << 7;
    private static final long CAP_SYS_ADMIN = 1L << 21;
    private static final long CAP_MKNOD = 1L << 27;

    @Test
    void versions_compare_by_major_number_first() {
        Host host = host(0, true);
        assertThat(host.kernelAtLeast(6, 1)).isTrue();
        assertThat(host.kernelAtLeast(5, 14)).isTrue();
        assertThat(host.kernelAtLeast(6, 2)).isFalse();
        assertThat(host.kernelAtLeast(7, 0)).isFalse();
    }

    @Test
    void each_right_comes_from_its_own_capability() {
        assertThat(rights(host(0, true))).containsExactly(false, false, false);
        assertThat(rights(host(CAP_SYS_ADMIN, true))).containsExactly(true, false, false);
        assertThat(rights(host(CAP_MKNOD, true))).containsExactly(false, true, false);
        assertThat(rights(host(CAP_SETUID, true))).containsExactly(false, false, true);
        assertThat(rights(host(~(CAP_SYS_ADMIN | CAP_MKNOD | CAP_SETUID), true))).containsExactly(false, false, false);
    }

    @Test
    void in_a_user_namespace_capabilities_make_no_devices_and_map_no_foreign_ids() {
        assertThat(rights(host(-1, false))).containsExactly(true, false, false);
    }

    private static List<Boolean> rights(Host host) {
        return List.of(host.privileged(), host.canMakeDevices(), host.canMapAnyId());
    }

    private static Host host(long capabilities, boolean initial) {
        return new Host(Arch.X86_64, 6, 1, 40, 0, 0, capabilities, initial, -1, List.of());
    }
}
