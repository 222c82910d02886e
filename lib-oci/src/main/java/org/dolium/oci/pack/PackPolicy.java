// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.time.Instant;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.Owners;
import org.jspecify.annotations.Nullable;

/// How a tree is read, and what of it is written: a value.
public final class PackPolicy {
    /// What directories are, whose trees are read.
    public enum Kind {
        /// Nothing but what they have.
        PLAIN,
        /// Layers of overlayfs: devices 0:0 and `trusted.overlay.opaque` remove something of lower ones.
        OVERLAY,
        /// Layers of overlayfs mounted with `userxattr`, as plain users have it.
        USER_OVERLAY;

        /// How the names of attributes begin that are overlayfs's own.
        String prefix() {
            return this == USER_OVERLAY ? "user.overlay." : "trusted.overlay.";
        }
    }

    private final Kind kind;
    private final Owners owners;
    private final @Nullable Instant latest;
    private final LayerLimits limits;

    private PackPolicy(Kind kind, Owners owners, @Nullable Instant latest, LayerLimits limits) {
        this.kind = kind;
        this.owners = owners;
        this.latest = latest;
        this.limits = limits;
    }

    /// All times as they are, and the limits within which [org.dolium.oci.unpack.LayerReader] reads.
    ///
    /// @param owners how the ids of the container became those of the host: the reverse is done
    public static PackPolicy of(Kind kind, Owners owners) {
        return new PackPolicy(kind, owners, null, LayerLimits.standard());
    }

    /// Later times become this one, in the way of `SOURCE_DATE_EPOCH`: what is made anew at each try is the same each time.
    public PackPolicy withLatest(@Nullable Instant time) {
        return new PackPolicy(kind, owners, time, limits);
    }

    /// How many entries there may be, how deep, and how long the files.
    public PackPolicy withLimits(LayerLimits most) {
        return new PackPolicy(kind, owners, latest, most);
    }

    public Kind kind() {
        return kind;
    }

    public Owners owners() {
        return owners;
    }

    public @Nullable Instant latest() {
        return latest;
    }

    public LayerLimits limits() {
        return limits;
    }
}
