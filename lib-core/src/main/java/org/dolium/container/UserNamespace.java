// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.namespace.IdMaps;

/// Which ids of the host a container has; see user_namespaces(7).
public sealed interface UserNamespace {

    /// No new user namespace: ids in the container are the host's. Only for a privileged JVM, and its default.
    record Host() implements UserNamespace {}

    /// One id: the container's user is the JVM's user, whatever its number inside. Needs nothing from the host, and is
    /// the default of a JVM without privileges.
    record Single() implements UserNamespace {}

    /// Id 0 is the JVM's user, and 1 upwards are the subordinate ids that /etc/subuid and /etc/subgid grant it, through
    /// newuidmap(1) and newgidmap(1). A JVM of root uses the ranges of
    /// `root`, and needs no helper.
    record Subordinate() implements UserNamespace {}

    /// Maps of the caller's choice.
    record Mapped(IdMaps uids, IdMaps gids) implements UserNamespace {}

    static UserNamespace host() {
        return new Host();
    }

    static UserNamespace single() {
        return new Single();
    }

    static UserNamespace subordinate() {
        return new Subordinate();
    }

    static UserNamespace mapped(IdMaps uids, IdMaps gids) {
        return new Mapped(uids, gids);
    }
}
