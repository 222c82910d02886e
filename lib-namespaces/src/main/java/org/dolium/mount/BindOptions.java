// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;

/// How a bind mount differs from its source.
///
/// @param attributes `MOUNT_ATTR_*` to set on it and, if `recursive`, on everything below it
public record BindOptions(boolean recursive, int attributes, Propagation propagation) {
    /// Recursive and writable, without set-user-id programs and devices.
    public static BindOptions standard() {
        return new BindOptions(true, MountFlags.NOSUID | MountFlags.NODEV, Propagation.PRIVATE);
    }
}
