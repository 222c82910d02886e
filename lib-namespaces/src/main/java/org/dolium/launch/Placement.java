// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;

/// Puts a waiting child where it belongs before it goes on.
public interface Placement {
    /// Places process `pid`. May block.
    void place(long pid) throws IOException, InterruptedException;
}
