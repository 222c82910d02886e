// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;

/// Who reads and writes a child's terminal.
public interface TerminalOwner {
    /// Takes the master, which is its to close from now on. It is called by the thread that reads what the child reports, before
    /// the command runs, and must not wait.
    void take(Fd master) throws ErrnoException;
}
