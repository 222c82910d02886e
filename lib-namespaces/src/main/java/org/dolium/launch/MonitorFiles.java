// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The descriptors that the monitor of a detached container gets. They stay the caller's to close, which it does after
/// [Detached#release]: the monitor has copies.
///
/// @param directory the container's directory, open for reading, where the monitor renames and makes files
/// @param lock an open file on which the caller holds an exclusive flock(2); the monitor's copy keeps it locked
/// @param log the file `log` of that directory, empty and open for appending
/// @param status the file `status.new` of that directory, open for writing and as long as a status already
/// @param out the read end of the container's standard output, or null if the container has a terminal
/// @param err the read end of its standard error, or null if it has a terminal, or both in one
public record MonitorFiles(Fd directory, Fd lock, Fd log, Fd status, @Nullable Fd out, @Nullable Fd err)
        implements AutoCloseable {
    /// How long a status is.
    public static final int STATUS_LENGTH = 80;

    /// Makes `log` and `status.new` in a directory that has neither.
    ///
    /// @param directory stays the caller's to close, as do all others, also if this fails
    public static MonitorFiles create(Fd directory, Fd lock, @Nullable Fd out, @Nullable Fd err) throws ErrnoException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Closes all of them.
    @Override
    public void close() {
        directory.close();
        lock.close();
        log.close();
        status.close();
        if (out != null) {
            out.close();
        }
        if (err != null) {
            err.close();
        }
    }
}
