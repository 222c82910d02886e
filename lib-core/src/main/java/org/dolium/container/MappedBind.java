// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.launch.IdMappedTree;
import org.dolium.mount.BindOptions;
import org.dolium.namespace.IdMaps;

/// An id-mapped bind mount, whose tree the JVM makes for each launch.
record MappedBind(String source, BindOptions options, IdMaps uids, IdMaps gids) {
    Fd open(Host host) throws IOException, InterruptedException {
        return IdMappedTree.open(source, options, uids, gids, host.lastCapability());
    }
}
