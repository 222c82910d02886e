// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

/// How mounts and unmounts spread between mount namespaces; see mount_namespaces(7).
public enum Propagation {
    /// Left as it is.
    UNCHANGED(0),
    PRIVATE(1 << 18),
    SLAVE(1 << 19),
    SHARED(1 << 20),
    UNBINDABLE(1 << 17);

    private final int flag;

    Propagation(int flag) {
        this.flag = flag;
    }

    public int flag() {
        return flag;
    }
}
