// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// Where the cgroup of a container is made.
public sealed interface CgroupPlacement {

    /// Where this host allows it without anything of the caller's being moved: below the JVM's own cgroup in cgroup v1;
    /// beside it in v2, or in a scope that systemd makes.
    record Automatic() implements CgroupPlacement {}

    /// Below the JVM's own cgroup, out of which the JVM and all else in it is moved into a child first: cgroup v2 allows
    /// processes only in leaves. For a service with `Delegate=yes`, and for a container that is all the application's.
    record OwnGroup() implements CgroupPlacement {}

    /// Below a given cgroup, which exists.
    ///
    /// @param path as in /proc/self/cgroup, for instance `/machine.slice/jobs`
    record Below(String path) implements CgroupPlacement {
        public Below {
            if (!path.startsWith("/") || path.length() > 4095 || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("cgroup '" + shown(path) + "' is not an absolute path");
            }
            for (String name : path.substring(1).split("/", -1)) {
                if (name.equals("..") || name.equals(".") || name.isEmpty() && path.length() > 1) {
                    throw new IllegalArgumentException("cgroup '" + shown(path) + "' has an empty name, '.' or '..' in it");
                }
            }
        }

        private static String shown(String path) {
            String start = path.length() > 128 ? path.substring(0, 128) + "…" : path;
            return start.replace('\0', '?').replace('\n', '?');
        }
    }

    /// None: the container stays in the JVM's cgroup, and no limit is possible.
    record None() implements CgroupPlacement {}

    /// @see Automatic
    CgroupPlacement AUTOMATIC = new Automatic();

    /// @see OwnGroup
    CgroupPlacement OWN_GROUP = new OwnGroup();

    /// @see None
    CgroupPlacement NONE = new None();

    static CgroupPlacement automatic() {
        return AUTOMATIC;
    }

    static CgroupPlacement ownGroup() {
        return OWN_GROUP;
    }

    static CgroupPlacement below(String path) {
        return new Below(path);
    }

    static CgroupPlacement none() {
        return NONE;
    }
}
