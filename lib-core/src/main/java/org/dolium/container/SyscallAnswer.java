// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.linux.Errno;

/// What happens to a system call that a [SyscallHandler] was asked about.
public sealed interface SyscallAnswer {
    /// The kernel goes on with the call, as far as the container's seccomp profile lets it.
    record Proceed() implements SyscallAnswer {}

    /// The call is not made and fails.
    record Fail(Errno errno) implements SyscallAnswer {
        private static final int MAX_ERRNO = 4095;

        public Fail {
            if (errno.value() < 1 || errno.value() > MAX_ERRNO) {
                throw new IllegalArgumentException("no errno: " + errno.value() + " is not from 1 to " + MAX_ERRNO);
            }
        }
    }

    /// The call is not made and returns a value.
    record Give(long value) implements SyscallAnswer {
        private static final long LOWEST_ERRNO = -4095;

        public Give {
            if (value < 0 && value >= LOWEST_ERRNO) {
                throw new IllegalArgumentException("a call that returns " + value + " fails: say so with an errno");
            }
        }
    }
}
