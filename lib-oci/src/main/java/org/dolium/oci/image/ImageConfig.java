// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an image says about itself and about how it is run. All of it was written by whoever made the image.
///
/// @param created when it was made, as RFC 3339 writes it
/// @param author who made it
/// @param platform what it needs
/// @param config how it is run
/// @param rootfs what its root file system is made of
/// @param history how it was made, the oldest step first
/// @param more members that the specification doesn't have, as JSON
public record ImageConfig(
        @Nullable String created,
        @Nullable String author,
        Platform platform,
        RunConfig config,
        RootFs rootfs,
        List<HistoryEntry> history,
        Map<String, String> more) {
    /// The largest configuration, in bytes.
    public static final int LIMIT = 4 << 20;

    public ImageConfig {
        history = List.copyOf(history);
        more = Ordered.copyOf(more);
    }

    /// A configuration with what every one has.
    public static ImageConfig of(Platform platform, List<Digest> diffIds) {
        return new ImageConfig(null, null, platform, RunConfig.EMPTY, new RootFs(diffIds, Map.of()), List.of(), Map.of());
    }

    /// Reads a configuration.
    ///
    /// @throws IllegalArgumentException if it is none; the message names the place, as `$.config.Env[0]`
    public static ImageConfig parse(byte[] bytes) {
        return ConfigReader.read(bytes);
    }

    /// The digests of the layers, not compressed, the lowest first.
    public List<Digest> diffIds() {
        return rootfs.diffIds;
    }

    /// The configuration as JSON, in the order of the specification.
    public byte[] toJson() {
        return ConfigWriter.write(this);
    }

    /// Makes sure that the image runs on a platform: its operating system, and its processor, as the configuration says itself.
    ///
    /// @throws IllegalArgumentException if it does not
    public void checkRunsOn(Platform here) {
        if (here.rank(platform) < 0) {
            throw new IllegalArgumentException(
                    "the image says that it is for " + platform + ", and is to be run on " + here.normalized());
        }
    }

    /// Makes sure that it describes as many layers as a manifest has.
    ///
    /// @throws IllegalArgumentException if it does not
    public void checkLayers(Manifest manifest) {
        if (manifest.layers().size() != diffIds().size()) {
            throw new IllegalArgumentException("the configuration has digests of " + diffIds().size()
                    + " layers, the manifest has " + manifest.layers().size() + " layers");
        }
    }

    /// What a root file system is made of: layers, as there is no other kind.
    ///
    /// @param diffIds the digests of the layers, not compressed, the lowest first
    /// @param more members that the specification doesn't have, as JSON
    public record RootFs(List<Digest> diffIds, Map<String, String> more) {
        /// @throws IllegalArgumentException if there are too many layers
        public RootFs {
            diffIds = List.copyOf(diffIds);
            more = Ordered.copyOf(more);
            if (diffIds.size() > Manifest.MOST_LAYERS) {
                throw new IllegalArgumentException("the image has more than " + Manifest.MOST_LAYERS + " layers");
            }
        }
    }

    /// A step in which an image was made.
    ///
    /// @param created when, as RFC 3339 writes it
    /// @param createdBy the command
    /// @param author who
    /// @param comment a remark
    /// @param emptyLayer whether no layer came of it
    /// @param more members that the specification doesn't have, as JSON
    public record HistoryEntry(
            @Nullable String created,
            @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            boolean emptyLayer,
            Map<String, String> more) {
        public HistoryEntry {
            more = Ordered.copyOf(more);
        }
    }

    /// The entry point followed by the command: what is run.
    public List<String> command() {
        List<String> command = new ArrayList<>(config.entrypoint());
        command.addAll(config.cmd());
        return command;
    }
}
