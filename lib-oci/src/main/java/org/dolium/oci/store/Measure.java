// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;

/// How much a tree takes of the disk.
final class Measure {
    private final Set<Long> seen = new HashSet<>();
    private long bytes;

    private Measure() {}

    /// The bytes of a name and all below it; a file with several names counts once. A plain user's directory that they may not read
    /// counts without what is in it.
    static long tree(OpenDirectory directory, String name) throws IOException {
        Measure measure = new Measure();
        measure.add(directory, name);
        return measure.bytes;
    }

    private void add(OpenDirectory directory, String name) throws IOException {
        FileStatus status = directory.status(name);
        if (status == null) {
            return; // gone meanwhile
        }
        if (status.isDirectory() || status.links() == 1 || seen.add(status.inode())) {
            bytes += status.allocated();
        }
        if (status.isDirectory()) {
            try (OpenDirectory below = directory.tryDirectory(name)) {
                if (below != null) {
                    addAll(below);
                }
            } catch (ErrnoException e) {
                if (!e.errno().equals(Errno.EACCES) && !e.errno().equals(Errno.ENOENT)) { // somebody removes it
                    throw e;
                }
            }
        }
    }

    private void addAll(OpenDirectory directory) throws IOException {
        for (String name : directory.names()) {
            add(directory, name);
        }
    }
}
