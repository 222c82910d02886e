// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.util.List;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.launch.IdMappedTree;
import org.dolium.mount.BindOptions;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// An id-mapped bind mount, whose tree the JVM makes for each launch.
record MappedBind(String source, BindOptions options, IdMaps uids, IdMaps gids) {
    /// Makes the trees and adds them to `opened`. Neighbours with equal maps share a user namespace, which a process has to
    /// be started for.
    static void openAll(List<MappedBind> binds, Host host, List<Fd> opened) throws IOException, InterruptedException {
        Fd owners = null;
        try {
            for (int i = 0; i < binds.size(); i++) {
                MappedBind bind = binds.get(i);
                if (owners == null || !bind.hasMapsOf(binds.get(i - 1))) {
                    close(owners);
                    owners = null;
                    owners = IdMappedTree.owners(bind.uids, bind.gids, host.lastCapability());
                }
                opened.add(IdMappedTree.open(bind.source, bind.options, owners));
            }
        } finally {
            close(owners);
        }
    }

    private boolean hasMapsOf(MappedBind other) {
        return uids.equals(other.uids) && gids.equals(other.gids);
    }

    private static void close(@Nullable Fd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
