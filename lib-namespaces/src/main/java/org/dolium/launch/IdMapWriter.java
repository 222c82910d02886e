// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;

/// Gives the new user namespace of a waiting child its id maps.
public interface IdMapWriter {
    /// Writes the maps of process `pid`. May block.
    void write(long pid) throws IOException, InterruptedException;
}
