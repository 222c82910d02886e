// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.File;
import java.io.IOException;
import org.dolium.cgroup.file.CgroupDirectory;

/// Groups whose members die together when memory runs out; see memory.oom.group in the kernel's cgroup v2 documentation.
///
/// A child shares the memory of the JVM until its execve(2). Whoever kills it in that moment for want of memory in such a
/// group kills all that share its memory, and so the JVM, although that is not in the group.
final class OomGroups {
    private OomGroups() {}

    /// Whether a directory is such a group, or in one, that does not hold the JVM.
    ///
    /// @param own the JVM's own directory
    static boolean around(String base, String own) throws IOException {
        String path = base;
        while (!path.isEmpty() && !holds(path, own) && new File(path, "cgroup.procs").exists()) {
            if (new File(path, "memory.oom.group").exists()
                    && CgroupDirectory.readPath(path + "/memory.oom.group").startsWith("1")) {
                return true;
            }
            path = path.substring(0, path.lastIndexOf('/'));
        }
        return false;
    }

    private static boolean holds(String directory, String own) {
        return own.equals(directory) || own.startsWith(directory + "/");
    }
}
