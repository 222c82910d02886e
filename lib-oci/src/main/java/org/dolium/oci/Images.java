// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arch;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pull.ImagePull;
import org.dolium.oci.pull.PullEvent;
import org.dolium.oci.pull.PulledImage;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
import org.dolium.oci.unpack.LayerLimits;
import org.jspecify.annotations.Nullable;

/// The images of this user: found in a store on this machine, pulled from registries, and run. Thread-safe.
///
/// ```java
/// try (Images images = Images.open(); Image busybox = images.pull("busybox:1.36")) {
///     Result result = busybox.newContainer().command("uname", "-m").run();
/// }
/// ```
///
/// Names are read by Docker's rules: `busybox` is `docker.io/library/busybox:latest`. There is no network but in [#pull], and with
/// [Builder#offline] none at all.
public final class Images implements AutoCloseable {
    private final ImageStore store;
    private final Platform platform;
    private final LayerLimits limits;
    private final @Nullable Consumer<PullEvent> listener;
    private final @Nullable RegistryClient given;
    private final boolean offline;
    private @Nullable RegistryClient own;

    private Images(Builder how, ImageStore store) {
        this.store = store;
        this.platform = how.platform;
        this.limits = how.limits;
        this.listener = how.listener;
        this.given = how.registry;
        this.offline = how.offline;
    }

    /// Opens this user's own store, see [ImageStore#defaultDirectory]; it is made if there is none.
    public static Images open() throws IOException {
        return builder().open();
    }

    /// Opens the store in a directory; it is made if there is none.
    public static Images open(Path directory) throws IOException {
        return builder().directory(directory).open();
    }

    public static Builder builder() {
        return new Builder();
    }

    /// Downloads an image, or what the store doesn't have of it, and unpacks it. What the name stood for before keeps no name then.
    ///
    /// @throws IllegalArgumentException if it is no name
    /// @throws IOException if something fails; nothing of it is half there then
    public Image pull(String name) throws IOException {
        return pull(ImageReference.parse(name));
    }

    /// As [#pull(String)].
    public Image pull(ImageReference name) throws IOException {
        ImageReference reference = name.withDefaultTag();
        if (offline) {
            throw new NoSuchFileException(reference.familiar(), null, "it would have to be downloaded, and nothing is, as these images are offline;"
                    + " import it from a layout or an archive");
        }
        ImagePull.Builder builder =
                ImagePull.from(registry().repository(reference), store).as(reference).platform(platform).limits(limits);
        if (listener != null) {
            builder.listener(listener);
        }
        try (ImagePull pull = builder.build()) {
            PulledImage pulled = pull.run(reference.version());
            return new Image(reference, pulled.descriptor(), pulled.manifest(), pulled.config(), platform,
                    store.layers(pulled.config().diffIds()));
        }
    }

    /// An image of the store, for the platform of this object. Layers that are only there as they were downloaded are unpacked.
    ///
    /// @param name its name, or the digest of its configuration or of its document, of which 12 digits are enough
    /// @return nothing if the store has none
    /// @throws IllegalArgumentException if it is neither
    public Optional<Image> find(String name) throws IOException {
        if (!ImageIds.isWhole(name)) {
            ImageReference reference = ImageReference.parse(name).withDefaultTag();
            Optional<Descriptor> root = store.find(reference);
            if (root.isPresent()) {
                return Optional.of(image(reference, store.image(root.get())));
            }
        }
        StoredImage byId = ImageIds.find(store, name, platform);
        return byId == null ? Optional.empty() : Optional.of(image(null, byId));
    }

    /// As [#find].
    ///
    /// @throws NoSuchFileException if the store has none
    public Image get(String name) throws IOException {
        Optional<Image> image = find(name);
        if (image.isEmpty()) {
            throw new NoSuchFileException(name, null, "no such image in " + store.directory());
        }
        return image.get();
    }

    /// An image of the store, or a registry's if the store has none.
    public Image getOrPull(String name) throws IOException {
        Optional<Image> image = find(name);
        return image.isPresent() ? image.get() : pull(name);
    }

    private Image image(@Nullable ImageReference reference, StoredImage stored) throws IOException {
        Descriptor selected = stored.select(platform);
        Manifest manifest = stored.manifest(platform);
        ImageConfig config = store.config(manifest);
        return new Image(reference, selected, manifest, config, platform, store.unpack(manifest, limits));
    }

    /// What the store has.
    public List<StoredImage> list() throws IOException {
        return store.images();
    }

    /// Where they are: for names, import, removal and figures.
    public ImageStore store() {
        return store;
    }

    /// The platform for which images are taken.
    public Platform platform() {
        return platform;
    }

    private synchronized RegistryClient registry() {
        if (given != null) {
            return given;
        }
        RegistryClient known = own;
        if (known == null) {
            known = RegistryClient.builder().build();
            own = known;
        }
        return known;
    }

    /// Closes the store. Images and containers that it gave go on.
    @Override
    public synchronized void close() {
        if (own != null) {
            own.close();
        }
        store.close();
    }

    /// Which store, and how images come into it.
    public static final class Builder {
        private @Nullable Path directory;
        private Platform platform = here();
        private LayerLimits limits = LayerLimits.standard();
        private @Nullable RegistryClient registry;
        private @Nullable Consumer<PullEvent> listener;
        private boolean offline;

        private Builder() {}

        private static Platform here() {
            return Platform.of("linux", Kernel.ARCH == Arch.X86_64 ? "amd64" : "arm64");
        }

        /// The store's directory; this user's own if not called.
        public Builder directory(Path path) {
            this.directory = path;
            return this;
        }

        /// The platform for which images are taken, and for which they must say themselves to be; this machine's if not called.
        public Builder platform(Platform wanted) {
            this.platform = wanted;
            return this;
        }

        /// How much a layer may ask for.
        public Builder limits(LayerLimits most) {
            this.limits = most;
            return this;
        }

        /// How registries are asked; without credentials if not called. Its maker closes it, after the images.
        public Builder registry(RegistryClient client) {
            this.registry = client;
            return this;
        }

        /// No registry is asked for anything: what the store does not have is an error.
        public Builder offline() {
            this.offline = true;
            return this;
        }

        /// Who is told of the progress of pulls; see [ImagePull.Builder#listener].
        public Builder listener(Consumer<PullEvent> told) {
            this.listener = told;
            return this;
        }

        public Images open() throws IOException {
            return new Images(this, ImageStore.open(directory == null ? ImageStore.defaultDirectory() : directory));
        }
    }
}
