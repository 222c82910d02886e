// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.KeptFile;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// Those of cgroup v1, and of the cgroup v2 without controllers beside it if there is one. Told are memory that ran out,
/// by an eventfd(2), and what cgroup v2 tells: frozen and empty. The rest is only counted: memory that came to its limit,
/// what was killed, and since Linux 6.11 processes that were refused.
final class LegacyEventFiles implements EventFiles {
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final byte[] FROZEN = KeptFile.word("FROZEN");

    private final Memory buffer = Memory.allocate(Arena.ofAuto(), UnifiedEventFiles.BUFFER);
    private final List<KeptFile> open = new ArrayList<>(7);
    private @Nullable KeptFile state;
    private @Nullable KeptFile freezer;
    private @Nullable KeptFile reached;
    private @Nullable KeptFile reachedWithSwap;
    private @Nullable KeptFile killed;
    private @Nullable KeptFile refused;
    private @Nullable KeptFile tasks;
    private @Nullable Fd outOfMemory;
    private long timesOutOfMemory;

    private LegacyEventFiles() {}

    static LegacyEventFiles of(Cgroup group) throws ErrnoException {
        LegacyEventFiles files = new LegacyEventFiles();
        try {
            files.open(group);
            return files;
        } catch (ErrnoException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    private void open(Cgroup group) throws ErrnoException {
        CgroupDirectory unified = group.unified();
        state = unified == null ? null : kept(UsageFiles.open(unified, UnifiedEventFiles.STATE, buffer));
        freezer = kept(UsageFiles.open(group, Controller.FREEZER, "freezer.state", buffer));
        reached = kept(UsageFiles.open(group, Controller.MEMORY, "memory.failcnt", buffer));
        reachedWithSwap = kept(UsageFiles.open(group, Controller.MEMORY, "memory.memsw.failcnt", buffer));
        killed = kept(UsageFiles.open(group, Controller.MEMORY, "memory.oom_control", buffer));
        refused = kept(UsageFiles.open(group, Controller.PIDS, "pids.events", buffer));
        tasks = kept(UsageFiles.open(group, Controller.PIDS, "pids.current", buffer));
        CgroupDirectory memory = group.directory(Controller.MEMORY);
        if (memory != null && killed != null) {
            outOfMemory = eventOf(memory, killed.fd());
        }
    }

    private @Nullable KeptFile kept(@Nullable KeptFile file) {
        if (file != null) {
            open.add(file);
        }
        return file;
    }

    /// See section 9 of the kernel's documentation of the memory controller of cgroup v1.
    private static @Nullable Fd eventOf(CgroupDirectory memory, Fd control) throws ErrnoException {
        long event = Kernel.check(Kernel.call(Sys.EVENTFD2, 0, CLOEXEC_NONBLOCK, 0), "eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK)");
        Fd fd = new Fd((int) event);
        try {
            memory.write("cgroup.event_control", fd.number() + " " + control.number());
            return fd;
        } catch (ErrnoException e) {
            fd.close(); // not in every kernel: what was killed is counted in any case
            return null;
        }
    }

    @Override
    public List<Notice> notices() {
        List<Notice> notices = new ArrayList<>(3);
        if (state != null) {
            notices.add(new Notice(state.fd(), false));
        }
        if (refused != null) {
            notices.add(new Notice(refused.fd(), false));
        }
        if (outOfMemory != null) {
            notices.add(new Notice(outOfMemory, true));
        }
        return notices;
    }

    @Override
    public boolean mustBeLookedAt() {
        return true;
    }

    @Override
    public @Nullable EventCounts read() {
        if (state != null ? !state.read() : tasks != null && !tasks.read()) {
            return null;
        }
        boolean populated = state != null ? state.field(UnifiedEventFiles.POPULATED) != 0 : tasks == null || tasks.number() != 0;
        boolean frozen = state != null
                ? state.field(UnifiedEventFiles.FROZEN) == 1
                : freezer != null && freezer.read() && freezer.begins(FROZEN);
        long kills = killed != null && killed.read() ? UnifiedEventFiles.count(killed, UnifiedEventFiles.OOM_KILL) : 0;
        long oom = Math.max(outOfMemory(), kills);
        return new EventCounts(
                oom,
                kills,
                Math.max(oom, number(reached) + number(reachedWithSwap)), // Linux 6.18 does not count the second
                0,
                refused != null && refused.read() ? UnifiedEventFiles.count(refused, UnifiedEventFiles.MAX) : 0,
                populated,
                frozen);
    }

    private static long number(@Nullable KeptFile file) {
        return file != null && file.read() ? Math.max(0, file.number()) : 0;
    }

    private long outOfMemory() {
        if (outOfMemory != null
                && Kernel.call(Sys.READ, outOfMemory.number(), buffer.address(), Long.BYTES) == Long.BYTES) {
            timesOutOfMemory += buffer.getLong(0);
        }
        return timesOutOfMemory;
    }

    @Override
    public void close() {
        for (int i = 0; i < open.size(); i++) {
            open.get(i).close();
        }
        if (outOfMemory != null) {
            outOfMemory.close();
        }
    }
}
