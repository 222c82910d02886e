// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;


/// A container did not start: a step of its launch failed. The message has the step, the system call as strace prints
/// it, and a hint where one is known. Nothing of the container is left.
public final class LaunchException extends ErrnoException {
    private static final long serialVersionUID = 1;

    private final int step;

    public LaunchException(int step, int steps, String call, Errno errno, String hint) {
        super(message(step, steps, call, errno, hint), call, errno);
        this.step = step;
    }

    private static String message(int step, int steps, String call, Errno errno, String hint) {
        String where = step < 0 ? "launch failed: " : "launch step " + step + " of " + steps + " failed: ";
        return where + call + " = -1 " + errno.name() + (hint.isEmpty() ? "" : "\n  hint: " + hint);
    }

    /// The number of the failed step of the plan, from 0; -1 if the failure came before the plan began.
    public int step() {
        return step;
    }
}
