// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.mount.Mount;

/// A mount comes after the one that it lies in, whatever the order of the calls: otherwise that would cover it.
final class MountOrder {
    private MountOrder() {}

    /// Sorts by depth; mounts of the same depth keep their order.
    ///
    /// @param from the first mount to sort
    static void sort(List<Mount> mounts, int from) {
        for (int i = from + 1; i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            int at = i;
            while (at > from && depth(mounts.get(at - 1)) > depth(mount)) {
                mounts.set(at, mounts.get(at - 1));
                at--;
            }
            mounts.set(at, mount);
        }
    }

    private static int depth(Mount mount) {
        String target = mount.target();
        int depth = 0;
        for (int i = 0; i < target.length(); i++) {
            depth += target.charAt(i) == '/' ? 1 : 0;
        }
        return depth;
    }
}
