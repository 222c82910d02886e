// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;

/// A system call does not wait any more: its process was killed or interrupted by a signal, or it has its answer. What was read
/// of that process meanwhile means nothing.
public final class SyscallGoneException extends IOException {
    private static final long serialVersionUID = 1;

    SyscallGoneException(String call) {
        super("the call is gone: " + call);
    }
}
