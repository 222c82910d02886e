// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Something outside that containers use and that could be taken away from them, such as the layers of an image.
@FunctionalInterface
public interface Holding {
    /// Keeps it from being taken away. Called before each start, from any thread.
    ///
    /// @return what gives it free again: called once, when the container is closed or when its start has failed
    /// @throws IOException if it is no longer there; the start fails then
    Runnable hold() throws IOException;

    /// For containers that outlive the JVM, and with it what [#hold] has done: directories, each of which is kept as long as somebody holds
    /// a shared flock(2) on it. Dolium takes these locks between `hold` and what gives it free again, and has the container's monitor
    /// keep them. If there are none, a detached container can't use it.
    default List<Path> lockedDirectories() {
        return List.of();
    }
}
