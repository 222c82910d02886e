// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;

/// Something outside that containers use and that could be taken away from them, such as the layers of an image.
@FunctionalInterface
public interface Holding {
    /// Keeps it from being taken away. Called before each start, from any thread.
    ///
    /// @return what gives it free again: called once, when the container is closed or when its start has failed
    /// @throws IOException if it is no longer there; the start fails then
    Runnable hold() throws IOException;
}
