// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;

/// Who answers the calls of a child that its filter makes wait.
public interface ListenerOwner {
    /// Takes the listener, which is its to close from now on. When this returns, calls are answered. It is called by the
    /// thread that reads what the child reports, and must not wait.
    void take(Fd listener) throws ErrnoException;
}
