// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.host.NetworkFigures;

/// What came and went in a container's own network namespace.
final class OwnNetwork {
    private OwnNetwork() {}

    /// @param alive whether the pid is still the container's, asked last
    static List<Stats.Traffic> traffic(long pid, BooleanSupplier alive) {
        Path proc = Path.of("/proc", Long.toString(pid));
        try {
            Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
            if (Files.readSymbolicLink(proc.resolve("ns/net")).equals(own)) {
                return List.of();
            }
            String text = Files.readString(proc.resolve("net/dev"));
            return alive.getAsBoolean() ? NetworkFigures.of(text) : List.of();
        } catch (IOException e) {
            return List.of(); // it ended, or may not be looked at
        }
    }
}
