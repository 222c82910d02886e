// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.nio.charset.StandardCharsets;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.namespace.IdMaps;

/// Writes id maps to the files of /proc: any map with privileges, one own id without.
///
/// @param denyGroups whether setgroups(2) is forbidden first, which the kernel wants of an unprivileged writer
public record DirectIdMaps(IdMaps uids, IdMaps gids, boolean denyGroups) implements IdMapWriter {
    private static final int O_WRONLY = 1;

    @Override
    public void write(long pid) throws ErrnoException {
        String directory = "/proc/" + pid + "/";
        if (denyGroups) {
            write(directory + "setgroups", "deny");
        }
        write(directory + "uid_map", uids.toProcText());
        write(directory + "gid_map", gids.toProcText());
    }

    private static void write(String path, String text) throws ErrnoException {
        try (Fd file = Fd.open(path, O_WRONLY, 0)) {
            file.write(text.getBytes(StandardCharsets.US_ASCII), path);
        }
    }
}
