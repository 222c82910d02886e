// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.v1.LegacyFigures;
import org.dolium.cgroup.v2.PressureFigures;
import org.dolium.cgroup.v2.UnifiedFigures;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Reads the figures of a group.
public final class Accounts {
    private static final Errno EOPNOTSUPP = new Errno(95);

    private Accounts() {}

    /// All that is known of a group now. Figures of files that are not there are absent.
    ///
    /// @throws IllegalStateException if the group is closed
    public static Stats read(Cgroup group, List<Stats.Traffic> network) throws ErrnoException {
        synchronized (group) { // or it is closed meanwhile
            group.checkOpen();
            Instant now = Instant.now();
            CgroupDirectory unified = group.unified();
            Map<String, String> files = new HashMap<>();
            if (group.isUnified()) {
                read(unified, UnifiedFigures.FILES, files);
                return UnifiedFigures.of(now, files, network);
            }
            for (Controller controller : Controller.values()) {
                read(group.directory(controller), LegacyFigures.files(controller), files);
            }
            read(unified, List.of(PressureFigures.FILES), files);
            return LegacyFigures.of(now, files, network, PressureFigures.of(files));
        }
    }

    private static void read(@Nullable CgroupDirectory directory, List<String> names, Map<String, String> files)
            throws ErrnoException {
        for (int i = 0; directory != null && i < names.size(); i++) {
            String text = read(directory, names.get(i));
            if (text != null) {
                files.put(names.get(i), text);
            }
        }
    }

    private static @Nullable String read(CgroupDirectory directory, String name) throws ErrnoException {
        try {
            return directory.readIfThere(name);
        } catch (ErrnoException e) {
            if (e.errno().equals(EOPNOTSUPP)) {
                return null; // switched off, as pressure without psi=1
            }
            throw e;
        }
    }
}
