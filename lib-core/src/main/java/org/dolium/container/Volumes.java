// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.linux.Quoting;
import org.dolium.mount.Mount;

/// Directories of an overlay that the command can always write to.
final class Volumes {
    private Volumes() {}

    /// @param sealed whether the rest of the root is read-only
    /// @throws IllegalArgumentException if the path is none, or the kernel's
    static Mount mount(String path, boolean sealed) {
        Mount.checkTarget(path);
        if (isIn(path, "/sys") || isIn(path, "/dev")) {
            throw new IllegalArgumentException("volume '" + Quoting.printable(path) + "' lies in what is the kernel's");
        }
        return sealed ? new Mount.Kept(path) : new Mount.Made(path, 0, 0);
    }

    private static boolean isIn(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }
}
