// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.function.Consumer;
import org.dolium.cgroup.host.UsageFiles;

/// Memory, processor time and tasks of one container, for whoever watches many: three files stay open, [#refresh] reads
/// each with one system call and makes no object. It ends with its container, or when it is closed.
///
/// ```java
/// Usage usage = container.usage();
/// while (usage.refresh()) {
///     show(usage.memoryBytes(), usage.cpuNanos(), usage.tasks());
/// }
/// ```
public final class Usage implements AutoCloseable {
    private final UsageFiles files;
    private final Consumer<Usage> forget;

    Usage(UsageFiles files, Consumer<Usage> forget) {
        this.files = files;
        this.forget = forget;
    }

    /// Reads the figures.
    ///
    /// @return false if the container is closed or this is; the figures that were read before stay
    public boolean refresh() {
        return files.refresh();
    }

    /// Memory in use in bytes, with the page cache and what the kernel uses, when it was last read; -1 if nobody counts it.
    public long memoryBytes() {
        return files.memoryBytes();
    }

    /// User and system time since the container began in nanoseconds, when it was last read; -1 if nobody counts it.
    public long cpuNanos() {
        return files.cpuNanos();
    }

    /// The number of processes and threads when it was last read; -1 if nobody counts them.
    public long tasks() {
        return files.tasks();
    }

    /// Closes the files. Closing twice does nothing.
    @Override
    public void close() {
        files.close();
        forget.accept(this);
    }

    void closeFiles() {
        files.close();
    }
}
