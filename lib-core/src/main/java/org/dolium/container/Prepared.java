// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.launch.LaunchRequest;
import org.jspecify.annotations.Nullable;

/// A launch that is ready to go, with the descriptors that exist only for it.
///
/// @param once whether the program is for this launch only
/// @param group the cgroup, which outlives this
/// @param upper where the container's writes go, or null if not to the disk
record Prepared(LaunchRequest request, List<Fd> owned, boolean once, Group group, @Nullable UpperDirectory upper) implements AutoCloseable {
    @Override
    public void close() {
        for (int i = 0; i < owned.size(); i++) {
            owned.get(i).close();
        }
        if (once) {
            request.program().close();
        }
    }
}
