// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads the log of a detached container line by line; see [ContainerLogs#open]. For one thread at a time.
public final class LogReader implements AutoCloseable {
    LogReader() {}

    /// The next line, or null at the end: of what there is, or with [ContainerLogs#follow] of the container.
    ///
    /// @throws IOException also if the log is damaged
    public @Nullable LogLine next() throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Whether some of the log was deleted before it was read.
    public boolean missed() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
