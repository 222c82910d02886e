// SPDX-License-Identifier: Apache-2.0
package org.dolium.capability;

import java.util.Locale;

/// A capability, in the kernel's order: the ordinal is the number. See capabilities(7).
public enum Capability {
    CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, LINUX_IMMUTABLE,
    NET_BIND_SERVICE, NET_BROADCAST, NET_ADMIN, NET_RAW, IPC_LOCK, IPC_OWNER, SYS_MODULE, SYS_RAWIO, SYS_CHROOT,
    SYS_PTRACE, SYS_PACCT, SYS_ADMIN, SYS_BOOT, SYS_NICE, SYS_RESOURCE, SYS_TIME, SYS_TTY_CONFIG, MKNOD, LEASE,
    AUDIT_WRITE, AUDIT_CONTROL, SETFCAP, MAC_OVERRIDE, MAC_ADMIN, SYSLOG, WAKE_ALARM, BLOCK_SUSPEND, AUDIT_READ,
    PERFMON, BPF, CHECKPOINT_RESTORE;

    /// Reads `CAP_NET_ADMIN` or `net_admin`.
    ///
    /// @throws IllegalArgumentException for an unknown name
    public static Capability parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("CAP_")) {
            name = name.substring(4);
        }
        for (Capability capability : values()) {
            if (capability.name().equals(name)) {
                return capability;
            }
        }
        throw new IllegalArgumentException("unknown capability '" + text + "'");
    }

    /// Its bit in a [CapabilitySets] set and in `/proc/PID/status`.
    public long bit() {
        return 1L << ordinal();
    }

    @Override
    public String toString() {
        return "CAP_" + name();
    }
}
