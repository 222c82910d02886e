// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// A bpf(2) call failed; with the reason where it is known, and with what the verifier said.
final class BpfException extends ErrnoException {
    private static final long serialVersionUID = 1;

    private static final String[][] HINTS = {
        {"BPF_PROG_LOAD", "EPERM", "eBPF needs root (CAP_BPF and CAP_NET_ADMIN in the first user namespace, and no seccomp"
                + " filter against bpf); a rootless container has no device nodes of its own to open besides the bound ones"},
        {"BPF_PROG_LOAD", "ENOSYS", "this kernel was built without CONFIG_BPF_SYSCALL, so its cgroup v2 can't limit devices"},
        {"BPF_PROG_LOAD", "EINVAL", "this kernel was built without CONFIG_CGROUP_BPF, so its cgroup v2 can't limit devices"},
        {"BPF_PROG_ATTACH", "EBADF", "the descriptor is not a directory of a cgroup2 file system"},
        {"BPF_PROG_ATTACH", "EPERM", "a device program of a group above allows no other one below it, or eBPF needs root"},
        {"BPF_PROG_ATTACH", "E2BIG", "the group has 64 device programs already"},
    };

    BpfException(String call, Errno errno, String verifier) {
        super(message(call, errno, verifier), call, errno);
    }

    private static String message(String call, Errno errno, String verifier) {
        String line = call + " = -1 " + errno.name();
        if (!verifier.isEmpty()) {
            return line + "\n  verifier: " + verifier.strip().replace("\n", "\n  ");
        }
        for (String[] hint : HINTS) {
            if (call.startsWith("bpf(" + hint[0]) && errno.name().equals(hint[1])) {
                return line + "\n  hint: " + hint[2];
            }
        }
        return line;
    }
}
