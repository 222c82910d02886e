// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// A list of devices can't be put in force; with the reason where it is known, or with what the verifier said.
final class DeviceListException extends ErrnoException {
    private static final long serialVersionUID = 1;

    private static final String[][] HINTS = {
        {"bpf(BPF_PROG_LOAD", "EPERM", "eBPF needs root (CAP_BPF and CAP_NET_ADMIN in the first user namespace, and no seccomp"
                + " filter against bpf); a rootless container has no device nodes of its own to open besides the bound ones"},
        {"bpf(BPF_PROG_LOAD", "ENOSYS", "this kernel was built without CONFIG_BPF_SYSCALL, so its cgroup v2 can't limit devices"},
        {"bpf(BPF_PROG_LOAD", "EINVAL", "this kernel was built without CONFIG_CGROUP_BPF, so its cgroup v2 can't limit devices"},
        {"bpf(BPF_PROG_ATTACH", "EBADF", "the descriptor is not a directory of a cgroup2 file system"},
        {"bpf(BPF_PROG_ATTACH", "EPERM", "a device program of a group above allows no other one below it, or eBPF needs root"},
        {"bpf(BPF_PROG_ATTACH", "E2BIG", "the group has 64 device programs already"},
        {"write(", "EPERM", "a cgroup can't allow a device that the one above it does not"},
        {"write(", "EINVAL", "a cgroup that may use every device and has cgroups below it can't be given a list"},
    };

    DeviceListException(String call, Errno errno, String verifier) {
        super(message(call, errno, verifier), call, errno);
    }

    private static String message(String call, Errno errno, String verifier) {
        String line = call + " = -1 " + errno.name();
        if (!verifier.isEmpty()) {
            return line + "\n  verifier: " + verifier.strip().replace("\n", "\n  ");
        }
        for (String[] hint : HINTS) {
            if (call.startsWith(hint[0]) && errno.name().equals(hint[1])) {
                return line + "\n  hint: " + hint[2];
            }
        }
        return line;
    }
}
