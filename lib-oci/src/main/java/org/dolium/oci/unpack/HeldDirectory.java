// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;

/// A directory that is open, and may be read and entered as long as it is held. Root may anyway; a plain user gives itself the right and
/// takes it away again.
final class HeldDirectory implements AutoCloseable {
    private static final int READ_AND_ENTER = 0500;
    private static final int PERMISSIONS = 07777;

    private final TreeCalls calls;
    private final Fd fd;
    private final TreeCalls.Status status;
    private final boolean changed;

    private HeldDirectory(TreeCalls calls, Fd fd, TreeCalls.Status status, boolean changed) {
        this.calls = calls;
        this.fd = fd;
        this.status = status;
        this.changed = changed;
    }

    /// Takes hold of a directory.
    ///
    /// @param at a directory that may be entered
    static HeldDirectory of(TreeCalls calls, Fd at, byte[] name) throws ErrnoException {
        try (Fd handle = calls.handle(at, name)) {
            return of(calls, handle);
        }
    }

    /// @param handle of a directory, which need not be opened for reading; it stays open
    static HeldDirectory of(TreeCalls calls, Fd handle) throws ErrnoException {
        TreeCalls.Status status = calls.status(handle, new byte[0]);
        if (status == null) {
            throw new AssertionError("what is open is there");
        }
        boolean change = (status.mode() & READ_AND_ENTER) != READ_AND_ENTER && calls.user() != 0 && status.uid() == calls.user();
        if (change) {
            calls.handleMode(handle, status.mode() & PERMISSIONS | READ_AND_ENTER);
        }
        try {
            return new HeldDirectory(calls, calls.directory(handle, new byte[] {'.'}), status, change);
        } catch (ErrnoException e) {
            if (change) {
                calls.handleMode(handle, status.mode() & PERMISSIONS);
            }
            throw e;
        }
    }

    Fd fd() {
        return fd;
    }

    /// What it was before.
    TreeCalls.Status status() {
        return status;
    }

    @Override
    public void close() throws ErrnoException {
        try (fd) {
            if (changed) {
                calls.mode(fd, status.mode() & PERMISSIONS);
            }
        }
    }
}
