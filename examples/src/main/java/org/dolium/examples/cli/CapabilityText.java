// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;

/// Reads `--cap-add` and `--cap-drop` as Docker does: the order of the options does not matter, what is added wins over
/// what is dropped, and `ALL` is the ground that the other option works on.
final class CapabilityText {
    private CapabilityText() {}

    static CapabilitySets sets(List<String> added, List<String> dropped) {
        if (hasAll(added)) {
            return minus(CapabilitySets.all(), dropped);
        }
        return plus(hasAll(dropped) ? CapabilitySets.none() : minus(CapabilitySets.standard(), dropped), added);
    }

    private static boolean hasAll(List<String> names) {
        return names.stream().anyMatch("ALL"::equalsIgnoreCase);
    }

    private static CapabilitySets plus(CapabilitySets sets, List<String> names) {
        for (String name : names) {
            sets = sets.plus(Capability.parse(name));
        }
        return sets;
    }

    private static CapabilitySets minus(CapabilitySets sets, List<String> names) {
        for (String name : names) {
            sets = name.equalsIgnoreCase("ALL") ? sets : sets.minus(Capability.parse(name));
        }
        return sets;
    }
}
