// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import org.dolium.kernel.HostProbe;

/// The user that this JVM is.
final class OwnUser {
    private static final long UNMAPPED = 65_534;

    private OwnUser() {}

    static long effective() {
        return HostProbe.host().uid();
    }

    /// Whether an owner can be trusted with a directory above: this user, the machine's root, or who that is in a user namespace.
    static boolean trusted(long uid) {
        return uid == 0 || uid == effective() || uid == UNMAPPED && !HostProbe.host().initialUserNamespace();
    }
}
