// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.util.List;

/// What the cgroup of a container had counted when it was removed after the end, in its file `ended`.
///
/// @param oomKills how many processes the kernel killed for lack of memory
/// @param cpuNanos the time of all its processes, or -1 if nobody counted
/// @param peakMemory in bytes, or -1
public record End(long oomKills, long cpuNanos, long peakMemory) {
    private static final List<String> KEYS = List.of("oom-kills", "cpu-nanos", "peak-memory");

    public byte[] bytes() {
        return new Fields().add("oom-kills", oomKills).add("cpu-nanos", cpuNanos).add("peak-memory", peakMemory).bytes();
    }

    static End parse(byte[] bytes, String shown) throws IOException {
        Fields fields = Fields.parse(bytes, shown);
        fields.check(KEYS, shown);
        return new End(fields.number("oom-kills", shown), fields.number("cpu-nanos", shown), fields.number("peak-memory", shown));
    }
}
