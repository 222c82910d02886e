// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

/// The kinds of namespace that Linux has; see namespaces(7).
public enum NamespaceKind {
    USER(0x10000000, "user", "CLONE_NEWUSER"),
    MOUNT(0x00020000, "mnt", "CLONE_NEWNS"),
    PID(0x20000000, "pid", "CLONE_NEWPID"),
    UTS(0x04000000, "uts", "CLONE_NEWUTS"),
    IPC(0x08000000, "ipc", "CLONE_NEWIPC"),
    CGROUP(0x02000000, "cgroup", "CLONE_NEWCGROUP"),
    NET(0x40000000, "net", "CLONE_NEWNET"),
    TIME(0x00000080, "time", "CLONE_NEWTIME");

    private final long cloneFlag;
    private final String procName;
    private final String flagName;

    NamespaceKind(long cloneFlag, String procName, String flagName) {
        this.cloneFlag = cloneFlag;
        this.procName = procName;
        this.flagName = flagName;
    }

    /// The flag of clone3(2), unshare(2) and setns(2).
    public long cloneFlag() {
        return cloneFlag;
    }

    /// The name in `/proc/PID/ns`.
    public String procName() {
        return procName;
    }

    public String flagName() {
        return flagName;
    }
}
