// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.launch.LaunchRequest;

/// A launch that is ready to go, with the descriptors that exist only for it.
record Prepared(LaunchRequest request, List<Fd> owned) implements AutoCloseable {
    @Override
    public void close() {
        for (int i = 0; i < owned.size(); i++) {
            owned.get(i).close();
        }
    }
}
