// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Holding;
import org.dolium.container.MemorySize;
import org.dolium.container.Rootfs;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.LayerLease;
import org.dolium.process.UserDatabase;
import org.jspecify.annotations.Nullable;

/// An image that is ready to run: its layers are directories of a store. Thread-safe, and the quicker the more containers are started
/// of one and the same object, which reads nothing twice.
///
/// The store keeps the layers while this is open and while a container of it exists, whatever is removed or pruned meanwhile. One that
/// is not closed gives them back when nothing refers to it any more.
///
/// ```java
/// try (Images images = Images.open();
///         Image image = images.pull("debian:13");
///         Container container = image.newContainer().command("sleep", "60").start()) {
///     container.stop(Duration.ofSeconds(10));
/// }
/// ```
public final class Image implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final MemorySize UPPER = MemorySize.gibibytes(1);

    private final @Nullable ImageReference reference;
    private final Descriptor descriptor;
    private final Manifest manifest;
    private final ImageConfig config;
    private final Platform platform;
    private final LayerHold hold;
    private final Cleaner.Cleanable closing;
    private final Rootfs.Overlay rootfs;
    private final Holding holding = new Holding() {
        @Override
        public Runnable hold() throws IOException {
            return hold.hold();
        }

        @Override
        public List<Path> lockedDirectories() {
            return hold.lockedDirectories();
        }
    };
    private volatile @Nullable UserDatabase users;

    /// @param reference how it was asked for, if by name
    /// @param platform what it is to be run on
    /// @param lease its layers, which this closes
    Image(@Nullable ImageReference reference, Descriptor descriptor, Manifest manifest, ImageConfig config, Platform platform,
            LayerLease lease) {
        this.reference = reference;
        this.descriptor = descriptor;
        this.manifest = manifest;
        this.config = config;
        this.platform = platform;
        this.rootfs = new Rootfs.Overlay(lease.directories(), new Rootfs.Upper.Memory(UPPER));
        this.hold = new LayerHold(lease);
        this.closing = CLEANER.register(this, hold.release());
    }

    /// The name that it was asked for by, if by one.
    public Optional<ImageReference> reference() {
        return Optional.ofNullable(reference);
    }

    /// The digest of its manifest.
    public Digest digest() {
        return descriptor.digest();
    }

    /// The digest of its configuration, by which Docker calls images.
    public Digest id() {
        return manifest.config().digest();
    }

    /// Its parts.
    public Manifest manifest() {
        return manifest;
    }

    /// What it says about itself and how it is run.
    public ImageConfig config() {
        return config;
    }

    /// The directories of its layers, the topmost first. Nobody may change them.
    public List<Path> layers() {
        return rootfs.lower();
    }

    /// Its root file system, with writes kept in memory, at most 1 GiB, and gone with the container. With
    /// [Rootfs.Overlay#upperOnDisk] they are on disk; with [Rootfs.Overlay#asReadOnly] there are none, except in volumes.
    public Rootfs.Overlay rootfs() {
        return rootfs;
    }

    /// A container of this image, with what the image says: entry point, command, environment, user, working directory, volumes, stop
    /// signal, labels, ports and health check. Everything can still be changed, with Docker's rules: `command` is what follows the
    /// image's entry point, and with another `entrypoint` the image's command no longer counts.
    ///
    /// The working directory is made where the image has none, for the user. A volume is a directory of the container's own upper layer,
    /// with what the image has there, and gone with the container. Ports and health checks are remarks: nothing is opened and nothing run.
    ///
    /// @throws IllegalArgumentException if the image is for another platform, or something that it says is malformed
    /// @throws IOException if /etc/passwd or /etc/group of the image is no regular file, is larger than 10 MiB, or can't be read
    public ContainerBuilder newContainer() throws IOException {
        UserDatabase known = users;
        if (known == null) {
            known = rootfs.users();
            users = known;
        }
        return ImageContainer.builder(config, platform, rootfs, known).holding(holding);
    }

    /// Lets the store remove the layers, when the last container of this image is closed.
    @Override
    public void close() {
        closing.clean();
    }

    /// Its name, else its digest.
    @Override
    public String toString() {
        return reference == null ? digest().toString() : reference.familiar();
    }
}
