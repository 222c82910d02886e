// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Figures;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;

/// Cgroup v2 takes a memory limit below what is in use, and kills until it holds. Cgroup v1 refuses it, and so do we.
final class MemoryInUse {
    private MemoryInUse() {}

    static void check(Cgroup group, Limits changed) throws ErrnoException, UnsupportedHostException {
        Limit.MemoryMax max = changed.find(Limit.MemoryMax.class);
        CgroupDirectory memory = group.directory(Controller.MEMORY);
        String before = max == null || memory == null ? null : memory.readIfThere("memory.current");
        if (max == null || memory == null || before == null || Figures.number(before) <= max.bytes()) {
            return;
        }
        reclaim(memory, Figures.number(before) - max.bytes());
        long used = Figures.number(memory.read("memory.current"));
        if (used > max.bytes()) {
            throw new UnsupportedHostException(
                    max + " can't be enforced: the container uses " + used + " bytes that can't be reclaimed", "",
                    new ErrnoException("write(<" + memory.path() + "/memory.max>, \"" + max.bytes() + "\")", Errno.EBUSY));
        }
    }

    private static void reclaim(CgroupDirectory memory, long bytes) {
        try {
            memory.write("memory.reclaim", Long.toString(bytes));
        } catch (ErrnoException e) {
            // less than that could be reclaimed, or it is a kernel before 5.19
        }
    }
}
