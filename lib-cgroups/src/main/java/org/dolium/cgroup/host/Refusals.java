// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// What it means that the kernel does not take a limit, and what to do.
final class Refusals {
    private static final int ENODEV = 19;
    private static final int ERANGE = 34;

    private Refusals() {}

    /// @param there whether the group has files of the limit's controller
    static Unenforceable explain(Limits.Wanted wanted, Setting setting, ErrnoException failure, boolean there) {
        Errno errno = failure.errno();
        if (!errno.equals(Errno.ENOENT)) {
            return new Unenforceable(wanted, String.valueOf(failure.getMessage()), byErrno(wanted.limit(), errno));
        }
        String file = setting.file();
        if (!there && !setting.controller().unified().isEmpty()) {
            return Availability.notDelegated(wanted);
        }
        if (file.contains("swap") || file.contains("memsw")) {
            return new Unenforceable(
                    wanted, "this kernel does not account for swap", "boot with swapaccount=1, or ask for unlimited swap");
        }
        if (file.equals("cpu.idle")) {
            return new Unenforceable(wanted, "cpu.idle needs Linux 5.15", "");
        }
        return new Unenforceable(wanted, "there is no file " + file, option(file));
    }

    /// What the kernel must be built with.
    private static String option(String file) {
        if (file.contains("throttle") || file.equals("io.max")) {
            return "a kernel with CONFIG_BLK_DEV_THROTTLING";
        }
        if (file.startsWith("cpu.max") || file.startsWith("cpu.cfs_")) {
            return "a kernel with CONFIG_CFS_BANDWIDTH";
        }
        if (file.startsWith("hugetlb.")) {
            return "a huge page size of this machine: see /sys/kernel/mm/hugepages";
        }
        return "";
    }

    private static String byErrno(Limit limit, Errno errno) {
        if (limit instanceof Limit.IoMax && (errno.value() == ENODEV || errno.equals(Errno.EINVAL))) {
            return "limits are about whole disks of this machine, not about partitions: see lsblk";
        }
        if (limit instanceof Limit.MemoryMax && errno.equals(Errno.EBUSY)) {
            return "the container uses more than that, and it can't be reclaimed";
        }
        if (limit.controller() == Controller.CPUSET) {
            return "it is not part of what the cgroup above has";
        }
        if (errno.equals(Errno.EINVAL) || errno.value() == ERANGE) {
            return "the value is out of what this kernel, or the cgroup above, allows";
        }
        if (errno.equals(Errno.EBUSY)) {
            return "the container uses more than that";
        }
        if (errno.equals(Errno.EACCES) || errno.equals(Errno.EPERM) || errno.equals(Errno.EROFS)) {
            return "the cgroup is not this user's to change";
        }
        return "";
    }
}
