// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageConfig.HistoryEntry;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.image.RunConfig;
import org.dolium.oci.pack.LayerCompression;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.pack.PackedLayer;
import org.dolium.oci.unpack.LayerLimits;
import org.jspecify.annotations.Nullable;

/// A new image: another one with a layer more, or with a layer alone, and with changes of how it is run. The parts of the image below
/// stay what they are, byte for byte.
///
/// With a time, the same changes of the same image give the same image.
///
/// ```java
/// Committed made = ImageCommit.on(store, manifest).author("me").message("with gcc").change("CMD [\"gcc\"]")
///         .commit(ImageCommit.changes(upper, policy), sink, List.of("example.com/gcc:1"));
/// ```
public final class ImageCommit {
    private final @Nullable ImageSource source;
    private final @Nullable Manifest manifest;
    private final ImageConfig below;
    private final List<String> instructions = new ArrayList<>();
    private @Nullable String author;
    private @Nullable String message;
    private @Nullable String createdBy;
    private @Nullable Instant time;
    private @Nullable Path spool;
    private LayerCompression compression = LayerCompression.GZIP;

    private ImageCommit(@Nullable ImageSource source, @Nullable Manifest manifest, ImageConfig below) {
        this.source = source;
        this.manifest = manifest;
        this.below = below;
    }

    /// On another image.
    ///
    /// @param source where its parts are, which stays open
    public static ImageCommit on(ImageSource source, Manifest manifest) throws IOException {
        ImageConfig config = Contents.config(source, manifest);
        try {
            config.checkLayers(manifest);
        } catch (IllegalArgumentException e) {
            throw new IOException(manifest.config().digest() + ": " + e.getMessage(), e);
        }
        return new ImageCommit(source, manifest, config);
    }

    /// On nothing: the layer is the whole image.
    public static ImageCommit onNothing(Platform platform) {
        return new ImageCommit(null, null, ImageConfig.of(platform, List.of()));
    }

    /// Who made it.
    public ImageCommit author(@Nullable String who) {
        author = who;
        return this;
    }

    /// A remark in the history.
    public ImageCommit message(@Nullable String remark) {
        message = remark;
        return this;
    }

    /// The command that made the changes, for the history.
    public ImageCommit createdBy(@Nullable String command) {
        createdBy = command;
        return this;
    }

    /// A change of how it is run, as a line of a Dockerfile: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `HEALTHCHECK`, `LABEL`, `ONBUILD`,
    /// `STOPSIGNAL`, `USER`, `VOLUME` or `WORKDIR`.
    public ImageCommit change(String instruction) {
        instructions.add(instruction);
        return this;
    }

    /// When it is made; files that are newer get this time. In the way of `SOURCE_DATE_EPOCH`, it makes the image reproducible.
    public ImageCommit time(@Nullable Instant when) {
        time = when;
        return this;
    }

    public ImageCommit compression(LayerCompression how) {
        compression = how;
        return this;
    }

    /// Where the layer is kept while it is written, if not in the directory for temporary files.
    public ImageCommit spool(Path directory) {
        spool = directory;
        return this;
    }

    /// What was made.
    ///
    /// @param root the manifest
    /// @param config its configuration, whose digest Docker calls the image's id
    /// @param layer the new layer as it is stored
    public record Committed(Descriptor root, Descriptor config, Descriptor layer) {}

    /// Gives the layer.
    public interface LayerSource {
        /// @param docker whether it is for an image in Docker's format
        /// @param spool where it is kept
        PackedLayer pack(LayerCompression compression, boolean docker, Path spool, @Nullable Instant latest) throws IOException;
    }

    /// What an upper directory of overlayfs has and removes; see [LayerPack#changes].
    public static LayerSource changes(Path upper, PackPolicy policy) {
        return (compression, docker, spool, latest) ->
                LayerPack.changes(upper, policy.withLatest(latest), compression, docker, spool);
    }

    /// A whole root file system as an archive, as `docker import` takes it: compressed with gzip, zstd or bzip2, or as it is.
    ///
    /// @param archive stays open
    public static LayerSource archive(InputStream archive) {
        return (compression, docker, spool, latest) ->
                LayerPack.archive(PlainArchive.open(archive), compression, docker, spool, LayerLimits.standard());
    }

    /// Makes the image and gives it names.
    ///
    /// @param layer what has changed
    /// @param sink stays open
    /// @throws IllegalArgumentException if a change is none; nothing is written then
    public Committed commit(LayerSource layer, ImageSink sink, List<String> names) throws IOException {
        RunConfig run = ConfigChanges.apply(below.config(), instructions);
        boolean docker = manifest != null && manifest.type().equals(MediaTypes.DOCKER_MANIFEST);
        Path directory = spool == null ? Path.of(System.getProperty("java.io.tmpdir")) : spool;
        try (PackedLayer packed = layer.pack(compression, docker, directory, time)) {
            if (manifest != null && source != null) {
                for (Descriptor part : manifest.layers()) {
                    copy(source, part, sink);
                }
            }
            if (!sink.has(packed.descriptor())) {
                try (VerifiedStream content = packed.open()) {
                    sink.put(content);
                }
            }
            return publish(packed, run, docker, sink, names);
        }
    }

    private Committed publish(PackedLayer packed, RunConfig run, boolean docker, ImageSink sink, List<String> names)
            throws IOException {
        Descriptor config = put(docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG, config(run, packed.diffId()).toJson(), sink);
        List<Descriptor> layers = new ArrayList<>(manifest == null ? List.of() : manifest.layers());
        layers.add(packed.descriptor());
        Manifest made = docker
                ? new Manifest(MediaTypes.DOCKER_MANIFEST, null, config, layers, null, Map.of(), Map.of())
                : Manifest.of(config, layers);
        Descriptor root = put(made.type(), made.toJson(), sink);
        sink.publish(root, names);
        return new Committed(root, config, packed.descriptor());
    }

    private static void copy(ImageSource from, Descriptor part, ImageSink to) throws IOException {
        if (!to.has(part)) {
            try (VerifiedStream content = from.open(part)) {
                to.put(content);
            }
        }
    }

    private static Descriptor put(String type, byte[] bytes, ImageSink sink) throws IOException {
        Descriptor descriptor = Descriptor.of(type, bytes);
        if (!sink.has(descriptor)) {
            sink.put(Contents.stream(descriptor, bytes));
        }
        return descriptor;
    }

    private ImageConfig config(RunConfig run, Digest diffId) {
        String now = (time == null ? Instant.now().truncatedTo(ChronoUnit.MICROS) : time).toString();
        List<Digest> diffIds = new ArrayList<>(below.diffIds());
        List<HistoryEntry> history = new ArrayList<>(below.history());
        long steps = history.stream().filter(step -> !step.emptyLayer()).count();
        for (long i = steps; i < diffIds.size(); i++) { // whoever made it wrote none; each layer has a step
            history.add(new HistoryEntry(null, null, null, null, false, Map.of()));
        }
        diffIds.add(diffId);
        history.add(new HistoryEntry(now, createdBy, author, message, false, Map.of()));
        return new ImageConfig(
                now, author, below.platform(), run, new ImageConfig.RootFs(diffIds, below.rootfs().more()), history, kept(below.more()));
    }

    /// Without what Docker says about the container that the image below was made of.
    private static Map<String, String> kept(Map<String, String> more) {
        Map<String, String> kept = new java.util.LinkedHashMap<>(more);
        kept.keySet().removeAll(List.of("container", "container_config", "docker_version", "id", "parent", "throwaway"));
        return kept;
    }
}
