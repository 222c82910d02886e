// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Container;
import org.dolium.container.ContainerLayers;
import org.dolium.container.LowerLayers;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.change.ImageCommit.Committed;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.pack.PackReport;
import org.dolium.oci.pack.TreeChange;
import org.dolium.oci.pack.TreeChanges;
import org.dolium.oci.unpack.Owners;
import org.jspecify.annotations.Nullable;

/// What a container has changed: to look at, to keep as an image, or to take out with all the rest. The container may still run, and
/// is paused meanwhile; or it has ended and is not closed yet.
///
/// ```java
/// try (Container container = image.newContainer().rootfs(image.rootfs().upperOnDisk(directory)).command("apk", "add", "gcc").start()) {
///     container.waitFor();
///     ContainerChanges.of(container).commit(ImageCommit.on(store, image.manifest()), sink, List.of("gcc:latest"));
/// }
/// ```
public final class ContainerChanges {
    private final ContainerLayers layers;
    private final @Nullable Container paused;

    private ContainerChanges(ContainerLayers layers, @Nullable Container paused) {
        this.layers = layers;
        this.paused = paused;
    }

    /// @throws IllegalArgumentException if what the container writes goes to memory, where it can't be reached from outside, or to no
    ///     upper layer at all
    public static ContainerChanges of(Container container) {
        return new ContainerChanges(
                container.layers().orElseThrow(() -> new IllegalArgumentException("what the container writes is on no disk: its root"
                        + " file system is no overlay with upperOnDisk")),
                container);
    }

    /// Of a container that the caller has paused, or of one that may go on: files that it changes meanwhile are then what they were at
    /// some time, or an error if they become shorter.
    public static ContainerChanges of(ContainerLayers layers) {
        return new ContainerChanges(layers, null);
    }

    /// The same, without pausing the container.
    public ContainerChanges withoutPause() {
        return new ContainerChanges(layers, null);
    }

    /// How the trees are read: what is overlayfs's own in them, and whose ids are whose.
    public PackPolicy policy() {
        Owners owners = new Owners.Kept();
        if (layers.uids() != null && layers.gids() != null) {
            owners = layers.uids().isSingle() ? new Owners.Squashed() : new Owners.Mapped(layers.uids(), layers.gids());
        }
        return PackPolicy.of(kind(), owners);
    }

    private PackPolicy.Kind kind() {
        return layers.userAttributes() ? PackPolicy.Kind.USER_OVERLAY : PackPolicy.Kind.OVERLAY;
    }

    /// What is not as it is in the image.
    public List<TreeChange> changes() throws IOException, InterruptedException {
        return paused(() -> TreeChanges.of(layers.upper(), layers.lower(), kind()));
    }

    /// What a running container is not as in the image, wherever it keeps its writes. Where they are in memory, nothing of them can be
    /// reached from outside: then all of its root is compared with the layers, which takes longer, and a file that was changed but has
    /// its former size, permissions, owner and time of change is not seen; what is mounted over is left out. The container is paused
    /// meanwhile, if it has a cgroup.
    ///
    /// @throws IllegalArgumentException if its root is no overlay: what was there before is not known then
    /// @throws IllegalStateException if it keeps its writes in memory and has ended
    public static List<TreeChange> compared(Container container, boolean pausing) throws IOException, InterruptedException {
        if (container.layers().isPresent()) {
            ContainerChanges changes = of(container);
            return (pausing ? changes : changes.withoutPause()).changes();
        }
        LowerLayers below = container.lowerLayers().orElseThrow(() -> new IllegalArgumentException(
                "the root file system is no overlay: what it was before the container is not known"));
        Owners owners = below.uids() == null || below.gids() == null ? new Owners.Kept() : new Owners.Mapped(below.uids(), below.gids());
        Path root = Path.of("/proc", Long.toString(container.pid()), "root", ".");
        Reading<List<TreeChange>> comparing = () -> {
            List<TreeChange> found = TreeChanges.ofMerged(root, below.lower(), PackPolicy.of(PackPolicy.Kind.OVERLAY, owners));
            container.files().exists("/"); // it has not ended, so the pid was its own until now
            return found;
        };
        return paused(pausing ? container : null, comparing);
    }

    /// Makes an image of the changes; see [ImageCommit].
    public Committed commit(ImageCommit how, ImageSink sink, List<String> names) throws IOException, InterruptedException {
        return how.commit((compression, docker, spool, latest) -> {
            try {
                return paused(() -> LayerPack.changes(layers.upper(), policy().withLatest(latest), compression, docker, spool));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted while the container was to be paused");
            }
        }, sink, names);
    }

    /// Writes the whole root file system as an archive; what is mounted in it is left out.
    ///
    /// @param archive stays open
    public PackReport export(OutputStream archive) throws IOException, InterruptedException {
        List<Path> all = new ArrayList<>(List.of(layers.upper()));
        all.addAll(layers.lower());
        return paused(() -> LayerPack.export(all, policy(), archive));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T paused(Reading<T> reading) throws IOException, InterruptedException {
        return paused(paused, reading);
    }

    private static <T> T paused(@Nullable Container container, Reading<T> reading) throws IOException, InterruptedException {
        if (container == null || !container.isAlive() || container.isPaused()) {
            return reading.read();
        }
        try {
            container.pause();
        } catch (IllegalStateException e) {
            if (container.isAlive()) {
                throw new IllegalStateException("the container can't be paused, and withoutPause() was not asked for: " + e.getMessage(), e);
            }
            return reading.read(); // it ended meanwhile
        }
        try {
            return reading.read();
        } finally {
            container.resume();
        }
    }
}
