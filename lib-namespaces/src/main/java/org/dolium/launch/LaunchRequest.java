// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.util.List;
import org.dolium.kernel.Fd;
import org.jspecify.annotations.Nullable;

/// Everything that a launch needs .
///
/// @param program the compiled steps of the child
/// @param namespaces the `CLONE_NEW*` flags
/// @param stdio the child's descriptors 0, 1 and 2; they stay the caller's to close
/// @param passed the descriptors that the child gets as 4, 5, …; they stay the caller's to close
/// @param idMaps how to fill the new user namespace, or null if there is none
/// @param lastCapability the kernel's highest capability, for a new user namespace
/// @param cgroup the directory of cgroup v2 that the child is born into, or null for the JVM's own
/// @param placement what is done with the waiting child before it goes on, or null for nothing
/// @param listener who answers the calls that the program's filter makes wait, or null if none do
/// @param terminal who gets the master of the terminal that the program allocates, or null if it allocates none
public record LaunchRequest(
        Program program,
        long namespaces,
        List<Fd> stdio,
        List<Fd> passed,
        @Nullable IdMapWriter idMaps,
        int lastCapability,
        @Nullable Fd cgroup,
        @Nullable Placement placement,
        @Nullable ListenerOwner listener,
        @Nullable TerminalOwner terminal) {

    /// The descriptor on which the child reports and is told to go on.
    public static final int STATUS_FD = 3;

    /// The number of the first of `passed` in the child.
    public static final int FIRST_PASSED_FD = 4;

    /// A child in the JVM's own cgroup.
    public LaunchRequest(
            Program program, long namespaces, List<Fd> stdio, List<Fd> passed, @Nullable IdMapWriter idMaps,
            int lastCapability) {
        this(program, namespaces, stdio, passed, idMaps, lastCapability, null, null, null, null);
    }

    public LaunchRequest {
        stdio = List.copyOf(stdio);
        passed = List.copyOf(passed);
        if (stdio.size() != 3) {
            throw new IllegalArgumentException("stdio is three descriptors, got " + stdio.size());
        }
    }
}
