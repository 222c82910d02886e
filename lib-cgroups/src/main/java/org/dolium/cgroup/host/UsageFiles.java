// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.lang.foreign.Arena;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.KeptFile;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Memory, processor time and tasks of one group, read again and again through three open files.
public final class UsageFiles implements AutoCloseable {
    /// The first line of cpu.stat, and more than any number.
    private static final int BUFFER = 64;
    private static final byte[] USAGE = KeptFile.word("usage_usec");
    private static final long NANOS = 1000;

    private final boolean unified;
    private final @Nullable KeptFile memory;
    private final @Nullable KeptFile cpu;
    private final @Nullable KeptFile pids;
    private volatile long memoryBytes = -1;
    private volatile long cpuNanos = -1;
    private volatile long tasks = -1;
    private boolean closed;

    private UsageFiles(boolean unified, @Nullable KeptFile memory, @Nullable KeptFile cpu, @Nullable KeptFile pids) {
        this.unified = unified;
        this.memory = memory;
        this.cpu = cpu;
        this.pids = pids;
    }

    /// Opens the files of a group.
    ///
    /// @throws IllegalStateException if the group is closed
    public static UsageFiles open(Cgroup group) throws ErrnoException {
        synchronized (group) {
            group.checkOpen();
            boolean unified = group.isUnified();
            Memory buffer = Memory.allocate(Arena.ofAuto(), BUFFER);
            KeptFile memory = null;
            KeptFile cpu = null;
            try {
                memory = open(group, Controller.MEMORY, unified ? "memory.current" : "memory.usage_in_bytes", buffer);
                cpu = open(group, Controller.CPUACCT, unified ? "cpu.stat" : "cpuacct.usage", buffer);
                return new UsageFiles(unified, memory, cpu, open(group, Controller.PIDS, "pids.current", buffer));
            } catch (ErrnoException | RuntimeException e) {
                close(memory);
                close(cpu);
                throw e;
            }
        }
    }

    /// A file that is not there is not counted.
    static @Nullable KeptFile open(Cgroup group, Controller controller, String name, Memory buffer)
            throws ErrnoException {
        CgroupDirectory directory = group.directory(controller);
        return directory == null ? null : open(directory, name, buffer);
    }

    static @Nullable KeptFile open(CgroupDirectory directory, String name, Memory buffer) throws ErrnoException {
        try {
            return new KeptFile(directory.openFile(name, CgroupDirectory.O_RDONLY), buffer);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /// Reads the three, without making an object.
    ///
    /// @return false if the group is gone; what was read before stays
    public synchronized boolean refresh() {
        if (closed) {
            return false;
        }
        boolean read = false;
        if (memory != null && memory.read()) {
            memoryBytes = memory.number();
            read = true;
        }
        if (cpu != null && cpu.read()) {
            cpuNanos = unified ? NANOS * cpu.field(USAGE) : cpu.number();
            read = true;
        }
        if (pids != null && pids.read()) {
            tasks = pids.number();
            read = true;
        }
        return read;
    }

    /// As it was last read, or -1 if nobody counts it.
    public long memoryBytes() {
        return memoryBytes;
    }

    /// As it was last read, or -1 if nobody counts it.
    public long cpuNanos() {
        return cpuNanos;
    }

    /// As it was last read, or -1 if nobody counts it.
    public long tasks() {
        return tasks;
    }

    @Override
    public synchronized void close() {
        closed = true;
        close(memory);
        close(cpu);
        close(pids);
    }

    static void close(@Nullable KeptFile file) {
        if (file != null) {
            file.close();
        }
    }
}
