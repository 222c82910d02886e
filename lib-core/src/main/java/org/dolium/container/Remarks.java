// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is said about a container for others to read. Nothing of it is ever acted upon, but for the signal that stops it.
record Remarks(
        Map<String, String> labels, Set<String> exposedPorts, @Nullable HealthCheck healthCheck, Signal stopSignal) {
    private static final Remarks NONE = new Remarks(Map.of(), Set.of(), null, Signal.TERM);

    static Remarks of(ContainerBuilder builder) {
        boolean none = builder.labels.isEmpty() && builder.exposedPorts.isEmpty() && builder.healthCheck == null;
        if (none && builder.stopSignal().equals(Signal.TERM)) {
            return NONE;
        }
        return new Remarks(
                Collections.unmodifiableMap(new LinkedHashMap<>(builder.labels)),
                Collections.unmodifiableSet(new LinkedHashSet<>(builder.exposedPorts)), builder.healthCheck, builder.stopSignal());
    }
}
