// SPDX-License-Identifier: Apache-2.0
package org.dolium.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostTest {
    private static final long CAP_SETGID = 1L << 6;
    private static final long CAP_SETUID = 1L << 7;
    private static final long CAP_SYS_ADMIN = 1L << 21;
    private static final long CAP_MKNOD = 1L << 27;

    @Test
    void versions_compare_by_major_number_first() {
        Host host = Hosts.with(0, true);
        assertThat(host.kernelAtLeast(6, 1)).isTrue();
        assertThat(host.kernelAtLeast(5, 14)).isTrue();
        assertThat(host.kernelAtLeast(6, 2)).isFalse();
        assertThat(host.kernelAtLeast(7, 0)).isFalse();
    }

    @Test
    void each_right_comes_from_its_own_capability() {
        assertThat(rights(Hosts.with(0, true))).containsExactly(false, false, false);
        assertThat(rights(Hosts.with(CAP_SYS_ADMIN, true))).containsExactly(true, false, false);
        assertThat(rights(Hosts.with(CAP_MKNOD, true))).containsExactly(false, true, false);
        assertThat(rights(Hosts.with(CAP_SETUID, true))).containsExactly(false, false, false);
        assertThat(rights(Hosts.with(CAP_SETGID, true))).containsExactly(false, false, false);
        assertThat(rights(Hosts.with(CAP_SETUID | CAP_SETGID, true))).containsExactly(false, false, true);
        long others = ~(CAP_SYS_ADMIN | CAP_MKNOD | CAP_SETUID | CAP_SETGID);
        assertThat(rights(Hosts.with(others, true))).containsExactly(false, false, false);
    }

    @Test
    void in_a_user_namespace_no_capability_makes_devices() {
        assertThat(rights(Hosts.with(-1, false))).containsExactly(true, false, true);
    }

    private static List<Boolean> rights(Host host) {
        return List.of(host.privileged(), host.canMakeDevices(), host.canMapAnyId());
    }
}
