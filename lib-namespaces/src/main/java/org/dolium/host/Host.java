// SPDX-License-Identifier: Apache-2.0
package org.dolium.host;

import java.util.List;
import org.dolium.linux.Arch;

/// What a machine can do and who asks, as a value: the second input of planning, besides what is wanted.
///
/// @param arch the CPU architecture
/// @param kernelMajor the running kernel's major version
/// @param kernelMinor the running kernel's minor version
/// @param lastCapability the highest capability that the kernel knows
/// @param uid the JVM's effective uid
/// @param gid the JVM's effective gid
/// @param capabilities the JVM's effective capabilities, one bit each
/// @param initialUserNamespace whether the JVM is in the machine's first user namespace
/// @param groupsDenied whether setgroups(2) is forbidden in the JVM's user namespace
/// @param ttyGroupMapped whether gid 5, the group of terminals, exists in the JVM's user namespace
/// @param coreHardLimit the hard limit of core dumps in bytes, -1 for none
/// @param seccompFilters whether the kernel has filters of system calls
/// @param throttlePaths the `thermal_throttle` directories of this machine's processors
public record Host(
        Arch arch,
        int kernelMajor,
        int kernelMinor,
        int lastCapability,
        long uid,
        long gid,
        long capabilities,
        boolean initialUserNamespace,
        boolean groupsDenied,
        boolean ttyGroupMapped,
        long coreHardLimit,
        boolean seccompFilters,
        List<String> throttlePaths) {
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_MKNOD = 27;
    private static final int CAP_SETGID = 6;
    private static final int CAP_SETUID = 7;

    public Host {
        throttlePaths = List.copyOf(throttlePaths);
    }

    public boolean kernelAtLeast(int major, int minor) {
        return kernelMajor > major || kernelMajor == major && kernelMinor >= minor;
    }

    /// Whether namespaces can be made without a user namespace.
    public boolean privileged() {
        return has(CAP_SYS_ADMIN);
    }

    /// Whether device nodes can be made.
    public boolean canMakeDevices() {
        return initialUserNamespace && has(CAP_MKNOD);
    }

    /// Whether any id of the JVM's user namespace can be given to a new one without a helper program.
    public boolean canMapAnyId() {
        return has(CAP_SETUID) && has(CAP_SETGID);
    }

    private boolean has(int capability) {
        return (capabilities & 1L << capability) != 0;
    }
}
