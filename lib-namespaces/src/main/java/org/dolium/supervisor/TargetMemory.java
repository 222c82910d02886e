// SPDX-License-Identifier: Apache-2.0
package org.dolium.supervisor;

import java.lang.foreign.Arena;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;

/// Reads the memory of the process that made a call. Whoever reads must ask [Listener#waits] afterwards: only then it was that
/// process, and not one that has got its pid since.
public final class TargetMemory {
    private static final int PAGE = 4096;

    private TargetMemory() {}

    /// Reads up to `length` bytes.
    ///
    /// @return what could be read: fewer bytes where a page is missing
    /// @throws ErrnoException if nothing can be read
    public static byte[] read(int pid, long address, int length) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory local = Memory.allocate(arena, Math.max(length, 1));
            Memory vectors = Memory.allocate(arena, 32);
            vectors.putLong(0, local.address());
            vectors.putLong(8, length);
            vectors.putLong(16, address);
            vectors.putLong(24, length);
            long n = Kernel.call(Sys.PROCESS_VM_READV, pid, vectors.address(), 1, vectors.address() + 16, 1, 0);
            Kernel.check(n, "process_vm_readv(" + pid + ", 0x" + Long.toHexString(address) + ", " + length + ")");
            return local.head((int) n);
        }
    }

    /// Reads bytes up to a NUL, or `limit` bytes if there is none before. A string may end just before a missing page.
    ///
    /// @throws ErrnoException if a page is missing before its end
    public static byte[] readString(int pid, long address, int limit) throws ErrnoException {
        byte[] string = new byte[0];
        while (string.length < limit) {
            long at = address + string.length;
            int inPage = PAGE - (int) (at & PAGE - 1);
            byte[] part = read(pid, at, Math.min(inPage, limit - string.length));
            int end = 0;
            while (end < part.length && part[end] != 0) {
                end++;
            }
            byte[] longer = java.util.Arrays.copyOf(string, string.length + end);
            System.arraycopy(part, 0, longer, string.length, end);
            string = longer;
            if (end < part.length) {
                break;
            }
        }
        return string;
    }
}
