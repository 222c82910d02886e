// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.lang.foreign.Arena;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.KeptFile;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.jspecify.annotations.Nullable;

/// Makes all processes of a group stand still, and lets them go on: by cgroup v2 where there is one, also beside v1, and
/// else by the freezer of v1. Not for several threads at once.
public final class Freezing implements AutoCloseable {
    private static final byte[] LEGACY_FROZEN = KeptFile.word("FROZEN");
    private static final byte[] LEGACY_THAWED = KeptFile.word("THAWED");

    private final Cgroup group;
    private final CgroupDirectory directory;
    private final boolean unified;
    private final KeptFile state;

    private Freezing(Cgroup group, CgroupDirectory directory, boolean unified, KeptFile state) {
        this.group = group;
        this.directory = directory;
        this.unified = unified;
        this.state = state;
    }

    /// @throws UnsupportedHostException if there is nothing that freezes
    /// @throws IllegalStateException if the group is closed
    public static Freezing of(Cgroup group) throws ErrnoException, UnsupportedHostException {
        synchronized (group) {
            group.checkOpen();
            CgroupDirectory unified = group.unified();
            CgroupDirectory directory = unified == null ? group.directory(Controller.FREEZER) : unified;
            if (directory == null) {
                throw new UnsupportedHostException(
                        "the processes of a container can't be frozen without cgroup v2 or the freezer of v1",
                        "mount cgroup2 at /sys/fs/cgroup/unified", null);
            }
            String file = unified == null ? "freezer.state" : UnifiedEventFiles.STATE;
            Memory buffer = Memory.allocate(Arena.ofAuto(), UnifiedEventFiles.BUFFER);
            Fd fd = directory.openFile(file, CgroupDirectory.O_RDONLY);
            return new Freezing(group, directory, unified != null, new KeptFile(fd, buffer));
        }
    }

    /// Asks the kernel; it takes its time.
    ///
    /// @throws IllegalStateException if the group is closed
    public void want(boolean frozen) throws ErrnoException {
        synchronized (group) {
            group.checkOpen();
            if (unified) {
                directory.write("cgroup.freeze", frozen ? "1" : "0");
            } else {
                directory.write("freezer.state", frozen ? "FROZEN" : "THAWED");
            }
        }
    }

    /// Whether it is so.
    public boolean is(boolean frozen) {
        if (!state.read()) {
            return false;
        }
        if (unified) {
            return state.field(UnifiedEventFiles.FROZEN) == (frozen ? 1 : 0);
        }
        return state.begins(frozen ? LEGACY_FROZEN : LEGACY_THAWED);
    }

    /// What has news when the state has changed since [#is], or null if nothing tells.
    public @Nullable Fd news() {
        return unified ? state.fd() : null;
    }

    @Override
    public void close() {
        state.close();
    }
}
