// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// The network that a container sees.
public enum Network {
    /// A new network namespace with no interface up.
    NONE,
    /// A new network namespace with only `lo` up: the default.
    LOOPBACK,
    /// The host's network. The container can reach everything that the host can, abstract Unix sockets included.
    HOST;

    public static Network none() {
        return NONE;
    }

    public static Network loopback() {
        return LOOPBACK;
    }

    public static Network host() {
        return HOST;
    }
}
