// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;

/// Asks the kernel which eBPF programs there are.
final class Programs {
    private static final int BPF_PROG_GET_FD_BY_ID = 13;
    private static final int BPF_OBJ_GET_INFO_BY_FD = 15;
    private static final int BPF_PROG_QUERY = 16;
    private static final int BPF_CGROUP_DEVICE = 6;

    private Programs() {}

    /// The number that a loaded program has in the whole system.
    static int id(Fd program) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory info = Memory.allocate(arena, 256);
            Memory attributes = Memory.allocate(arena, 16);
            attributes.putInt(0, program.number());
            attributes.putInt(4, info.size());
            attributes.putLong(8, info.address());
            Kernel.check(Kernel.call(Sys.BPF, BPF_OBJ_GET_INFO_BY_FD, attributes.address(), 16), "BPF_OBJ_GET_INFO_BY_FD");
            return info.getInt(4);
        }
    }

    static boolean exists(int id) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory attributes = Memory.allocate(arena, 16);
            attributes.putInt(0, id);
            long result = Kernel.call(Sys.BPF, BPF_PROG_GET_FD_BY_ID, attributes.address(), 12);
            if (Kernel.failed(result) && Kernel.errno(result).equals(Errno.ENOENT)) {
                return false;
            }
            new Fd((int) Kernel.check(result, "BPF_PROG_GET_FD_BY_ID")).close();
            return true;
        }
    }

    /// Whether a program goes within 100 s; the kernel frees it some time after its last use, later when it is busy.
    static boolean goes(int id) throws ErrnoException, InterruptedException {
        for (int i = 0; i < 2000 && exists(id); i++) {
            Thread.sleep(50);
        }
        return !exists(id);
    }

    /// The programs of a directory itself.
    static List<Integer> attached(Fd directory) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory ids = Memory.allocate(arena, 64 * 4);
            Memory attributes = Memory.allocate(arena, 32);
            attributes.putInt(0, directory.number());
            attributes.putInt(4, BPF_CGROUP_DEVICE);
            attributes.putLong(16, ids.address());
            attributes.putInt(24, 64);
            Kernel.check(Kernel.call(Sys.BPF, BPF_PROG_QUERY, attributes.address(), 28), "BPF_PROG_QUERY");
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < attributes.getInt(24); i++) {
                found.add(ids.getInt(4 * i));
            }
            return found;
        }
    }
}
