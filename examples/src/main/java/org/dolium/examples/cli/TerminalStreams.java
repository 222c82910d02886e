// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.dolium.container.TerminalSize;

/// A container's terminal, with which the user's is connected.
interface TerminalStreams {
    InputStream output();

    OutputStream input();

    /// @throws IllegalStateException if there is no terminal any more
    void resize(TerminalSize size) throws IOException;

    /// Nobody sees what it prints any more.
    void unseen();

    /// Nobody types any more.
    void untyped();

    /// The keys for detaching were typed.
    ///
    /// @return whether nothing more is to be typed
    boolean detach() throws IOException;
}
