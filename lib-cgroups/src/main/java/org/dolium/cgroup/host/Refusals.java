// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// What it means that the kernel does not take a limit, and what to do.
final class Refusals {
    private Refusals() {}

    static Unenforceable explain(Limits.Wanted wanted, Setting setting, ErrnoException failure) {
        Errno errno = failure.errno();
        if (!errno.equals(Errno.ENOENT)) {
            return new Unenforceable(wanted, failure.getMessage(), byErrno(errno));
        }
        String file = setting.file();
        if (file.contains("swap") || file.contains("memsw")) {
            return new Unenforceable(wanted, "this kernel does not account for swap", "boot with swapaccount=1, or ask for unlimited swap");
        }
        if (file.equals("cpu.idle")) {
            return new Unenforceable(wanted, "cpu.idle needs Linux 5.15", "");
        }
        if (!setting.controller().unified().isEmpty()) {
            return Availability.notDelegated(wanted);
        }
        return new Unenforceable(wanted, "there is no file " + file, "");
    }

    private static String byErrno(Errno errno) {
        if (errno.equals(Errno.EINVAL) || errno.value() == 34) {
            return "the value is out of what this kernel, or the cgroup above, allows";
        }
        if (errno.equals(Errno.EBUSY)) {
            return "the container uses more than that and it can't be reclaimed";
        }
        if (errno.equals(Errno.EACCES) || errno.equals(Errno.EPERM) || errno.equals(Errno.EROFS)) {
            return "the cgroup is not this user's to change";
        }
        return "";
    }
}
