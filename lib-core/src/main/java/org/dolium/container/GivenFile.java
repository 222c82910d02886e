// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import java.util.Map;
import org.dolium.mount.Mount;

/// A file that a container has from its start.
record GivenFile(byte[] content, int mode) {
    private static final int MOST = 1 << 20;

    /// Adds the files to the mounts, before what seals the root.
    static void add(ContainerBuilder wanted, List<Mount> mounts, List<String> problems) {
        int total = 0;
        for (Map.Entry<String, GivenFile> entry : wanted.files.entrySet()) {
            String path = entry.getKey();
            GivenFile file = entry.getValue();
            total += Math.min(file.content.length, MOST + 1 - total);
            if ((file.mode & ~0777) != 0) {
                problems.add("file '" + path + "': mode 0" + Integer.toOctalString(file.mode) + " is not between 0 and 0777");
            }
            try {
                mounts.add(new Mount.Content(path, file.content, file.mode));
                checkThrowAway(wanted, path, problems);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()).replace("mount point", "file"));
            }
        }
        if (total > MOST) {
            problems.add("the files that are given have more than 1 MiB");
        }
    }

    /// What lies where the path is, and whether that ends with the container.
    private static void checkThrowAway(ContainerBuilder wanted, String path, List<String> problems) {
        boolean host = wanted.rootfs instanceof Rootfs.Host;
        String place = "";
        boolean throwAway = wanted.rootfs instanceof Rootfs.Overlay;
        if (host && (isIn(path, "/tmp") || isIn(path, "/run"))) {
            place = "/tmp";
            throwAway = true;
        }
        for (String target : wanted.tmpfs.keySet()) {
            if (isIn(path, target) && target.length() >= place.length()) {
                place = target;
                throwAway = true;
            }
        }
        for (int i = 0; i < wanted.binds.size(); i++) {
            String target = wanted.binds.get(i).target();
            if (isIn(path, target) && target.length() >= place.length()) {
                place = target;
                throwAway = false;
            }
        }
        if (!throwAway) {
            problems.add("file '" + path + "' would be written to a directory of the host, which outlives the container: use an overlay,"
                    + " a tmpfs there, or a bind of a file");
        }
    }

    private static boolean isIn(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }
}
