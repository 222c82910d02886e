// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.io.IOException;

/// A system call failed. The message is the line that strace would print:
/// `openat(AT_FDCWD, "/no/such", O_RDONLY, 0) = -1 ENOENT`.
public class ErrnoException extends IOException {
    /// What to do about EMFILE.
    public static final String RAISE_LIMIT = "as many descriptors are open as a process may have: raise the limit that this JVM is started"
            + " with (ulimit -n, or LimitNOFILE= of its systemd unit)";

    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;

    public ErrnoException(String call, Errno errno) {
        super(call + " = -1 " + errno.name() + (errno.equals(Errno.EMFILE) ? "\n  hint: " + RAISE_LIMIT : ""));
        this.call = call;
        this.errno = errno.value();
    }

    /// For subclasses that say more than the strace line.
    protected ErrnoException(String message, String call, Errno errno) {
        super(message);
        this.call = call;
        this.errno = errno.value();
    }

    /// The failed call with its arguments, as strace prints it.
    public String call() {
        return call;
    }

    public Errno errno() {
        return new Errno(errno);
    }
}
