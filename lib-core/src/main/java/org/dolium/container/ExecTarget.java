// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.dolium.files.ContainerFiles;
import org.dolium.kernel.Fd;
import org.dolium.launch.ListenerOwner;
import org.jspecify.annotations.Nullable;

/// A running container as a further command sees it that is launched into it.
interface ExecTarget {
    /// Where such a container comes from, each time when one is wanted.
    interface Source {
        /// @throws IllegalStateException if it does not run
        ExecTarget enter() throws IOException;
    }

    ExecBasis basis();

    Group group();

    /// Another descriptor of its first process.
    ///
    /// @throws IllegalStateException if that has ended
    Fd copyPidfd() throws IOException;

    /// @throws IllegalStateException if nothing can be started in it now
    void checkRuns() throws IOException;

    boolean isAlive();

    /// Who answers the calls of a further command that wait for the JVM, or null if none do.
    @Nullable ListenerOwner listenerOwner();

    ContainerFiles files() throws IOException;

    /// The programs that it keeps, or null if it keeps none.
    @Nullable ExecPrograms programs();

    /// Whether it goes on when this JVM ends.
    boolean isDetached();

    /// Takes note of a command that is to end with this container.
    void registered(Execution execution);

    /// The command is closed, or was never there.
    void left(@Nullable Execution execution);
}
