// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;
import java.util.List;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// What the root file system of a container with an upper layer in memory was made of. That upper layer can't be reached from outside:
/// what the container changes is seen only by comparing its root with these.
///
/// @param lower the directories, topmost first
/// @param uids how their owners are shown in the container's root, or null if they are as on the host
/// @param gids how their groups are shown, or null
public record LowerLayers(List<Path> lower, @Nullable IdMaps uids, @Nullable IdMaps gids) {
    public LowerLayers {
        lower = List.copyOf(lower);
    }
}
