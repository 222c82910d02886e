// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerUnpack;

/// The images of one user on this machine, in a directory that several JVMs may use at once: what was downloaded, the layers as
/// directories, and names. The directory is a layout of the OCI image specification, which other tools can read.
///
/// Whatever is visible in it is whole, verified and on the disk. A JVM that is killed leaves nothing but rubbish, which the next
/// [#collect] of any JVM removes, or the next [#sink] that is used. Only its user may enter it.
///
/// ```java
/// try (ImageStore store = ImageStore.open(ImageStore.defaultDirectory())) {
///     Descriptor root = store.resolve("debian:13");
///     Manifest manifest = store.image(root).manifest(platform);
///     try (LayerLease layers = store.layers(store.config(manifest).diffIds())) {
///         // layers.directories() stay until here
///     }
/// }
/// ```
public final class ImageStore implements ImageSource {
    private final StoreFiles files;
    private final BlobSource source;
    private final LayerHolds holds;

    private ImageStore(StoreFiles files) {
        this.files = files;
        source = new BlobSource(files);
        holds = new LayerHolds(files);
    }

    /// Opens a store, which is made if there is none.
    ///
    /// @throws IOException also if it is of another user or of a version that this Dolium doesn't know, or if somebody else can change it
    public static ImageStore open(Path directory) throws IOException {
        return new ImageStore(StoreFiles.open(directory));
    }

    /// Where a user's images are: `/var/lib/dolium/images` for root, else `dolium/images` in `$XDG_DATA_HOME` or in `~/.local/share`.
    public static Path defaultDirectory() throws IOException {
        if (StoreFormat.isHostRoot()) {
            return Path.of("/var/lib/dolium/images");
        }
        String data = System.getenv("XDG_DATA_HOME");
        Path share = data != null && data.startsWith("/") ? Path.of(data) : Path.of(System.getProperty("user.home"), ".local", "share");
        return share.resolve("dolium").resolve("images");
    }

    StoreFiles files() {
        return files;
    }

    /// The store's directory.
    public Path directory() {
        return files.path();
    }

    /// How layers are unpacked into it.
    public LayerPolicy policy() throws IOException {
        return StoreFormat.policy();
    }

    /// A way for images to come in. It is closed when they have their names.
    public StoreSink sink() {
        return new StoreSink(files);
    }

    @Override
    public Descriptor resolve(String name) throws IOException {
        return source.resolve(name);
    }

    @Override
    public VerifiedStream open(Descriptor content) throws IOException {
        return source.open(content);
    }

    /// What a name stands for. If it has a digest, that decides.
    public Optional<Descriptor> find(ImageReference name) throws IOException {
        return Optional.ofNullable(files.index().find(name));
    }

    /// All images, also those without a name.
    public List<StoredImage> images() throws IOException {
        StoreIndex index = files.index();
        Map<Digest, List<ImageReference>> names = index.names();
        List<StoredImage> images = new ArrayList<>();
        for (Descriptor root : index.roots()) {
            images.add(new StoredImage(source, root, names.getOrDefault(root.digest(), List.of())));
        }
        return images;
    }

    /// An image by its document, with all its names.
    public StoredImage image(Descriptor root) throws IOException {
        return new StoredImage(source, root, files.index().names().getOrDefault(root.digest(), List.of()));
    }

    /// The configuration of a manifest that is there.
    public ImageConfig config(Manifest manifest) throws IOException {
        return Contents.config(source, manifest);
    }

    /// Whether a blob is there.
    public boolean has(Descriptor content) throws IOException {
        return files.hasBlob(content);
    }

    /// Gives an image a name, which means nothing else then. An image that loses its only name to it stays, without one.
    ///
    /// @throws NoSuchFileException if the image is not complete; the message says what is missing
    public void tag(Descriptor root, ImageReference name) throws IOException {
        StoreSink.name(files, root, List.of(name));
    }

    /// Takes a name away. An image that had only this name is gone; its content stays until [#collect].
    ///
    /// @return false if there is no such name
    public boolean untag(ImageReference name) throws IOException {
        return change(index -> index.without(name));
    }

    /// Takes all names of an image away, so that it is gone; its content stays until [#collect].
    ///
    /// @param root the digest of its document
    /// @return false if there is no such image
    public boolean remove(Digest root) throws IOException {
        return change(index -> index.without(root));
    }

    private interface Change {
        StoreIndex of(StoreIndex index) throws IOException;
    }

    private boolean change(Change change) throws IOException {
        OpenFile lock = files.lock(true);
        try {
            StoreIndex before = files.index();
            StoreIndex after = change.of(before);
            if (after.equals(before)) {
                return false;
            }
            after.write(files);
            return true;
        } finally {
            lock.close();
        }
    }

    /// Whether a layer is there as a directory. It may be collected at once: see [StoreSink#hasLayer].
    public boolean hasLayer(Digest chainId) throws IOException {
        return files.hasLayer(chainId);
    }

    /// Makes a directory for a layer that is to be unpacked.
    ///
    /// @param diffIds the digests of this layer and all below it, not compressed, the lowest first
    public LayerStaging stage(List<Digest> diffIds) throws IOException {
        return new LayerStaging(files, diffIds, null);
    }

    /// Keeps layers from being collected, by any JVM.
    ///
    /// @param diffIds their digests, not compressed, the lowest first
    /// @throws NoSuchFileException if one is not there; the message says which
    public LayerLease layers(List<Digest> diffIds) throws IOException {
        return LayerLease.take(files, holds, diffIds);
    }

    /// Unpacks the layers of an image that are not there as directories from their blobs, which are, and keeps all of them. No network
    /// is needed.
    ///
    /// @throws NoSuchFileException if a blob isn't there either
    public LayerLease unpack(Manifest manifest, LayerLimits limits) throws IOException {
        ImageConfig config = config(manifest);
        try {
            config.checkLayers(manifest);
        } catch (IllegalArgumentException e) {
            throw new IOException(manifest.config().digest() + ": " + e.getMessage(), e);
        }
        LayerLease there = LayerLease.tryTake(files, holds, ChainId.all(config.diffIds()));
        return there == null ? unpacked(manifest, config.diffIds(), limits) : there;
    }

    private LayerLease unpacked(Manifest manifest, List<Digest> diffIds, LayerLimits limits) throws IOException {
        try (StoreSink sink = sink()) {
            List<Digest> chain = ChainId.all(diffIds);
            for (int i = 0; i < chain.size(); i++) {
                if (!sink.hasLayer(chain.get(i))) {
                    unpack(sink, manifest.layers().get(i), diffIds.subList(0, i + 1), limits);
                }
            }
            return layers(diffIds);
        }
    }

    private void unpack(StoreSink sink, Descriptor layer, List<Digest> diffIds, LayerLimits limits) throws IOException {
        try (VerifiedStream blob = open(layer);
                LayerStaging staging = sink.stage(diffIds)) {
            staging.inherit(LayerUnpack.apply(blob, diffIds.getLast(), limits, staging.directory(), policy()).implied());
            staging.commit();
        }
    }

    /// Takes an image over from a layout of the OCI specification in a directory or an archive. Blobs of a directory are verified, and
    /// not copied where the file system can share them or give them a second name. Nothing gets a name because the layout says so.
    ///
    /// @param layout the layout
    /// @param image its name there; it may be empty if there is only one
    /// @param names the names that it gets here; there may be none
    public Descriptor importLayout(Path layout, String image, List<ImageReference> names) throws IOException {
        List<String> texts = new ArrayList<>();
        for (ImageReference name : names) {
            texts.add(name.toString());
        }
        try (ImageSource from = OciLayout.read(layout);
                StoreSink sink = sink()) {
            Descriptor root = from.resolve(image);
            ImageSink to = Files.isDirectory(layout) ? new LinkingSink(files, sink, layout.toRealPath()) : sink;
            ImageCopy.copy(from, root, to, texts);
            return root;
        }
    }

    /// Removes blobs and layers that no image needs, that nobody uses and that nobody is bringing in, and what killed JVMs left.
    public Collected collect() throws IOException {
        return Collector.collect(files, false, Set.of());
    }

    /// Removes images without a name first.
    public Collected prune() throws IOException {
        return prune(Set.of());
    }

    /// Removes images without a name first, except some.
    ///
    /// @param kept the digests of their documents; see [StoredImage#root]
    public Collected prune(Set<Digest> kept) throws IOException {
        return Collector.collect(files, true, Set.copyOf(kept));
    }

    /// Reads all blobs, and removes those that are not what their names say, as a failing disk leaves them: images that have them are
    /// not complete then, and the next pull brings what they lack.
    ///
    /// @return what was damaged
    public List<Digest> removeDamaged() throws IOException {
        return Damage.remove(files);
    }

    /// What the store takes of the disk. Trees are walked, which takes its time.
    public DiskUsage usage() throws IOException {
        return Usage.of(files, images());
    }

    /// Closes the directories. Leases are closed by those who have them.
    @Override
    public void close() {
        files.close();
    }
}
