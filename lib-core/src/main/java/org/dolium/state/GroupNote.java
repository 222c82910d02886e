// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.util.List;

/// Where the cgroup of a container is, in its file `cgroup`, which is written before the group is made.
///
/// @param address as [org.dolium.cgroup.host.Cgroups#address] tells it; empty without a group
/// @param memory the memory limit in bytes, or 0 without one
/// @param swap the swap limit, or -1 without one
public record GroupNote(List<String> address, long memory, long swap) {
    private static final List<String> KEYS = List.of("place", "memory", "swap");

    public GroupNote {
        address = List.copyOf(address);
    }

    public byte[] bytes() {
        return new Fields().add("place", address).add("memory", memory).add("swap", swap).bytes();
    }

    static GroupNote parse(byte[] bytes, String shown) throws IOException {
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        return new GroupNote(fields.all("place"), fields.number("memory", shown), fields.number("swap", shown));
    }
}
