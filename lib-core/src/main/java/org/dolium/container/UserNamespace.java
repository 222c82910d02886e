// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.cgroup.Requirement;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

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

    /// No id of the host but subordinate ones, for a privileged JVM: from 0 on those that /etc/subuid and /etc/subgid grant
    /// to `root`, or the given ones. Files of the root file system and of binds belong to the same numbers inside as on the
    /// host: their owners are mapped (Linux 5.12, on file systems that allow it; layers of an overlay since 5.19, and with an
    /// upper layer in memory). The host's own root file system is not mapped: what is its root's belongs to nobody there.
    ///
    /// A JVM without privileges has a user namespace anyway: for it this is as [Single].
    ///
    /// @param uids the maps, or null for those that are granted
    /// @param gids the maps, or null for those that are granted
    /// @param requirement what happens where none are granted: an [org.dolium.linux.UnsupportedHostException], or the ids are
    ///     the host's and [Container#reductions] says so
    record Isolated(@Nullable IdMaps uids, @Nullable IdMaps gids, Requirement requirement) implements UserNamespace {}

    /// Subordinate ids only; an error where none are granted to root.
    static UserNamespace isolated() {
        return isolated(Requirement.REQUIRED);
    }

    static UserNamespace isolated(Requirement requirement) {
        return new Isolated(null, null, requirement);
    }

    /// The same with maps of the caller's choice.
    static UserNamespace isolated(IdMaps uids, IdMaps gids) {
        return new Isolated(uids, gids, Requirement.REQUIRED);
    }

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
