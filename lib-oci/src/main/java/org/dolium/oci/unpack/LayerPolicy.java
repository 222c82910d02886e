// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

/// What of a layer is written, and how: a value.
public final class LayerPolicy {
    /// How it is kept that a layer removes something of earlier layers.
    public enum Removals {
        /// As overlayfs has it: devices 0:0 and `trusted.overlay.opaque`, which takes privileges; and `user.overlay.opaque`, for
        /// containers in user namespaces.
        OVERLAY,
        /// As overlayfs mounted with `userxattr` has it, for plain users.
        USER_OVERLAY,
        /// It is removed: the layer is written over the tree of the earlier ones.
        APPLIED
    }

    private final Removals removals;
    private final Owners owners;
    private final boolean devices;

    private LayerPolicy(Removals removals, Owners owners, boolean devices) {
        this.removals = removals;
        this.owners = owners;
        this.devices = devices;
    }

    /// Owners as given, no devices.
    public static LayerPolicy of(Removals removals, Owners owners) {
        return new LayerPolicy(removals, owners, false);
    }

    /// Also devices are made, for which only root has the privilege. The device 0:0 never is: overlayfs takes it for a removal.
    public LayerPolicy withDevices() {
        return new LayerPolicy(removals, owners, true);
    }

    public Removals removals() {
        return removals;
    }

    public Owners owners() {
        return owners;
    }

    public boolean devices() {
        return devices;
    }

    /// Whether an extended attribute of the layer is written. Those that tell overlayfs, other runtimes or the host's security modules
    /// what to do are not the layer's to say.
    boolean allows(String xattr) {
        if (xattr.equals("security.capability")) {
            return !(owners instanceof Owners.Squashed);
        }
        return xattr.startsWith("user.")
                && xattr.length() > 5
                && xattr.length() < 256
                && xattr.indexOf('\0') < 0
                && !xattr.startsWith("user.overlay.")
                && !xattr.startsWith("user.containers.")
                && !xattr.equals(Owners.RECORD);
    }
}
