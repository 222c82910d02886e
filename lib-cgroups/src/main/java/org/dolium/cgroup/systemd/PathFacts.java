// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

/// What stat(2) tells of a path.
///
/// @param uid its owner
/// @param mode its type and permissions, as in `st_mode`
public record PathFacts(long uid, int mode) {
    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int DIRECTORY = 0040000;
    private static final int WRITABLE_BY_OTHERS = 022;
    private static final int STICKY = 01000;

    boolean socket() {
        return (mode & TYPE) == SOCKET;
    }

    /// Whether it is a directory in which nobody but its owner can replace what is not theirs.
    boolean safeDirectory() {
        return (mode & TYPE) == DIRECTORY && ((mode & WRITABLE_BY_OTHERS) == 0 || (mode & STICKY) != 0);
    }
}
