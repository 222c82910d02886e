// SPDX-License-Identifier: Apache-2.0
package org.dolium.host;

import java.util.List;
import org.dolium.linux.Arch;

/// Machines to plan for.
public final class Hosts {
    public static final int LAST_CAPABILITY = 40;
    private static final long EVERY_CAPABILITY = (1L << LAST_CAPABILITY + 1) - 1;

    private Hosts() {}

    /// The first user namespace's root.
    public static Host root() {
        return host(0, EVERY_CAPABILITY, true);
    }

    /// A user without privileges.
    public static Host plain() {
        return host(1000, 0, true);
    }

    /// Uid 0 with these capabilities.
    public static Host with(long capabilities, boolean initialUserNamespace) {
        return host(0, capabilities, initialUserNamespace);
    }

    private static Host host(long id, long capabilities, boolean initial) {
        return new Host(
                Arch.X86_64, 6, 1, LAST_CAPABILITY, id, id, capabilities, initial, false, true, -1, true,
                List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));
    }
}
