// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The open files of one group that tell what happens to it. Not for several threads at once.
public sealed interface EventFiles extends AutoCloseable permits UnifiedEventFiles, LegacyEventFiles {

    /// A descriptor to wait for.
    ///
    /// @param counter whether it is an eventfd(2), which is ready to be read, or a file with `EPOLLPRI`
    record Notice(Fd fd, boolean counter) {}

    /// Opens the files of a group.
    ///
    /// @throws IllegalStateException if the group is closed
    static EventFiles open(Cgroup group) throws ErrnoException {
        synchronized (group) {
            group.checkOpen();
            return group.isUnified() ? UnifiedEventFiles.of(group) : LegacyEventFiles.of(group);
        }
    }

    /// The descriptors that tell of news. What comes after [#read] makes them ready once more: so wait, read, and only
    /// then wait again.
    List<Notice> notices();

    /// Whether the kernel counts something without telling, so that somebody has to look from time to time.
    boolean mustBeLookedAt();

    /// What was counted until now, or null if the group is gone.
    @Nullable EventCounts read();

    @Override
    void close();
}
