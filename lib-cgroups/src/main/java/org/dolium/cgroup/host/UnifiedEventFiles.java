// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.KeptFile;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Those of cgroup v2, which all tell of news.
final class UnifiedEventFiles implements EventFiles {
    static final String STATE = "cgroup.events";
    static final byte[] POPULATED = KeptFile.word("populated");
    static final byte[] FROZEN = KeptFile.word("frozen");
    static final byte[] MAX = KeptFile.word("max");
    static final byte[] OOM_KILL = KeptFile.word("oom_kill");
    static final int BUFFER = 512;

    private static final byte[] OOM = KeptFile.word("oom");
    private static final byte[] HIGH = KeptFile.word("high");

    private final List<KeptFile> open = new ArrayList<>(3);
    private @Nullable KeptFile state;
    private @Nullable KeptFile memory;
    private @Nullable KeptFile pids;

    private UnifiedEventFiles() {}

    static UnifiedEventFiles of(Cgroup group) throws ErrnoException {
        Memory buffer = Memory.allocate(Arena.ofAuto(), BUFFER);
        UnifiedEventFiles files = new UnifiedEventFiles();
        try {
            files.state = files.kept(UsageFiles.open(group, Controller.CPU, STATE, buffer));
            files.memory = files.kept(UsageFiles.open(group, Controller.MEMORY, "memory.events", buffer));
            files.pids = files.kept(UsageFiles.open(group, Controller.PIDS, "pids.events", buffer));
            return files;
        } catch (ErrnoException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    private @Nullable KeptFile kept(@Nullable KeptFile file) {
        if (file != null) {
            open.add(file);
        }
        return file;
    }

    @Override
    public List<Notice> notices() {
        List<Notice> notices = new ArrayList<>(open.size());
        for (int i = 0; i < open.size(); i++) {
            notices.add(new Notice(open.get(i).fd(), false));
        }
        return notices;
    }

    @Override
    public boolean mustBeLookedAt() {
        return false;
    }

    @Override
    public @Nullable EventCounts read() {
        if (state == null || !state.read()) {
            return null;
        }
        boolean populated = state.field(POPULATED) != 0;
        boolean frozen = state.field(FROZEN) == 1;
        long refused = pids != null && pids.read() ? count(pids, MAX) : 0;
        if (memory == null || !memory.read()) {
            return new EventCounts(0, 0, 0, 0, refused, populated, frozen);
        }
        return new EventCounts(
                count(memory, OOM), count(memory, OOM_KILL), count(memory, MAX), count(memory, HIGH), refused, populated,
                frozen);
    }

    static long count(KeptFile file, byte[] name) {
        return Math.max(0, file.field(name));
    }

    @Override
    public void close() {
        for (int i = 0; i < open.size(); i++) {
            open.get(i).close();
        }
    }
}
