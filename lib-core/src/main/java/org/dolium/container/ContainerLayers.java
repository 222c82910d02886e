// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// The directories of a container's overlay: what it changes are made of, and its whole root file system. They are the container's as
/// long as it is not closed. What is in `upper` was made by the container, which may still be at work there: nothing in it is to be
/// followed or believed.
///
/// @param upper where the container's writes go
/// @param lower what was there before, topmost first
/// @param userAttributes whether overlayfs keeps its marks in `user.overlay.*`, as it does in user namespaces
/// @param uids how the container's users are those of the host, or null if they are the same
/// @param gids how the container's groups are those of the host, or null if they are the same
/// @param labels the container's labels
public record ContainerLayers(
        Path upper, List<Path> lower, boolean userAttributes, @Nullable IdMaps uids, @Nullable IdMaps gids,
        Map<String, String> labels) {
    public ContainerLayers {
        lower = List.copyOf(lower);
        labels = Map.copyOf(labels);
    }

    /// The layers of a running container that another JVM of the same user may have started.
    ///
    /// @param pid of the container's first process
    /// @throws IOException if it has none on disk: it is no container, its writes go to memory, or it is another user's
    public static ContainerLayers ofProcess(long pid) throws IOException {
        return LayerRecord.find(pid);
    }
}
