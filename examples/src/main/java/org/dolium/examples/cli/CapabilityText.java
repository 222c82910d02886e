// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;

/// Reads `--cap-add` and `--cap-drop` as Docker does: the order of the options does not matter, what is added wins over
/// what is dropped, and `ALL` is the ground that the other option works on.
final class CapabilityText {
    private static final String PERMITTED = "CapPrm:";

    private CapabilityText() {}

    /// @param hostUsers whether the container is in the host's user namespace, where it can have no more than this JVM
    static CapabilitySets sets(List<String> added, List<String> dropped, boolean hostUsers) throws IOException {
        if (hasAll(added)) {
            return minus(hostUsers ? own() : CapabilitySets.all(), dropped);
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

    private static CapabilitySets own() throws IOException {
        long permitted = permitted();
        CapabilitySets sets = CapabilitySets.none();
        for (Capability capability : Capability.values()) {
            if ((permitted >>> capability.ordinal() & 1) != 0) {
                sets = sets.plus(capability);
            }
        }
        return sets;
    }

    /// The permitted capabilities of this JVM; see proc(5), /proc/PID/status.
    static long permitted() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(PERMITTED)) {
                return Long.parseUnsignedLong(line.substring(PERMITTED.length()).strip(), 16);
            }
        }
        throw new IOException("/proc/self/status has no line " + PERMITTED);
    }
}
