// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.List;

/// What limits a JVM can set.
///
/// @param version which hierarchies there are, in words
/// @param controllers the controllers of those
/// @param writable whether groups with limits can be made
/// @param whyNot why not; empty if they can
/// @param remedy what to do about that; empty if nothing is known
record CgroupEvidence(String version, List<String> controllers, boolean writable, String whyNot, String remedy) {
    CgroupEvidence {
        controllers = List.copyOf(controllers);
    }
}
