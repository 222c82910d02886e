// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;

/// A handle of something that is readable as long as it is held. Root can read everything; a plain user gives itself the right and
/// takes it away again.
final class Held implements AutoCloseable {
    private final PackCalls calls;
    private final Fd fd;
    private final Status status;
    private final boolean changed;

    private Held(PackCalls calls, Fd fd, Status status, boolean changed) {
        this.calls = calls;
        this.fd = fd;
        this.status = status;
        this.changed = changed;
    }

    /// @param fd belongs to the result
    static Held of(PackCalls calls, Fd fd) throws ErrnoException {
        try {
            Status status = calls.status(fd);
            int needed = status.isDirectory() ? 0500 : status.isRegular() ? 0400 : 0;
            boolean change = (status.mode() & needed) != needed && calls.user() != 0 && status.uid() == calls.user();
            if (change) {
                calls.mode(fd, status.permissions() | needed);
            }
            return new Held(calls, fd, status, change);
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    /// The same of what belongs to a container that runs: nothing of it is changed, and what can't be read is an error.
    static Held asItIs(PackCalls calls, Fd fd) throws ErrnoException {
        try {
            return new Held(calls, fd, calls.status(fd), false);
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    Fd fd() {
        return fd;
    }

    /// What it was before.
    Status status() {
        return status;
    }

    @Override
    public void close() throws ErrnoException {
        try (fd) {
            if (changed) {
                calls.mode(fd, status.permissions());
            }
        }
    }
}
