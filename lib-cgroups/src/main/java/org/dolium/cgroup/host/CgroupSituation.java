// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;

/// Everything that decides how cgroups can be used here, as it was probed.
///
/// @param mounts the cgroup file systems
/// @param memberships the text of /proc/self/cgroup
/// @param uid the JVM's effective uid
/// @param privileged whether the JVM has CAP_SYS_ADMIN in the machine's first user namespace
/// @param systemd whether systemd is the machine's init, and can be talked to as a manager
/// @param userManager whether the systemd user manager of this uid answers
/// @param own the JVM's own cgroup of cgroup v2
/// @param parent the directory above it; [Directory#UNSEEN] if it is outside of what can be seen
/// @param legacyWritable the v1 controllers in whose hierarchy groups can be made below the JVM's own
public record CgroupSituation(
        List<CgroupMount> mounts,
        String memberships,
        long uid,
        boolean privileged,
        boolean systemd,
        boolean userManager,
        Directory own,
        Directory parent,
        List<Controller> legacyWritable) {

    /// A directory of cgroup v2.
    ///
    /// @param path where it is, or empty if it can't be seen
    /// @param controllers what its `cgroup.controllers` says
    /// @param writable whether groups can be made, processes put and controllers enabled in it
    /// @param delegated whether systemd marked it as left to others
    /// @param root whether it is the root of the hierarchy, where processes and controllers may be together
    /// @param limited whether memory, processor time or the number of processes is limited in it
    public record Directory(
            String path, String controllers, boolean writable, boolean delegated, boolean root, boolean limited) {
        public static final Directory UNSEEN = new Directory("", "", false, false, false, false);

        /// The same with another answer of systemd.
        Directory delegated(boolean answer) {
            return new Directory(path, controllers, writable, answer, root, limited);
        }

        public boolean seen() {
            return !path.isEmpty();
        }

        boolean offers(Controller controller) {
            return !controller.unified().isEmpty()
                    && List.of(controllers.trim().split(" ", -1)).contains(controller.unified());
        }
    }

    public CgroupSituation {
        mounts = List.copyOf(mounts);
        legacyWritable = List.copyOf(legacyWritable);
    }

    /// The path of the JVM's cgroup v2, or an empty text if it has none.
    public static String unifiedPath(String memberships) {
        for (String line : memberships.split("\n", -1)) {
            if (line.startsWith("0::")) {
                return line.substring(3);
            }
        }
        return "";
    }

    /// The path of the JVM's cgroup in the v1 hierarchy of a controller, or an empty text if it has none.
    public static String legacyPath(String memberships, Controller controller) {
        for (String line : memberships.split("\n", -1)) {
            int first = line.indexOf(':');
            int second = line.indexOf(':', first + 1);
            if (first > 0 && second > 0
                    && List.of(line.substring(first + 1, second).split(",", -1)).contains(controller.legacy())) {
                return line.substring(second + 1);
            }
        }
        return "";
    }
}
