// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about what files a container sees.
final class FileOptions {
    @Option(names = "--rootfs", paramLabel = "DIR", description = "Root file system (default: the host's, read-only)")
    private @Nullable Path rootfs;

    @Option(
            names = "--upper",
            paramLabel = "DIR",
            description = "Never write to the root file system itself, but to a new directory below DIR, which is gone with the container."
                    + " dolium diff, commit and export show and keep what is in it")
    private @Nullable Path upper;

    @Option(names = "--read-only", description = "Never write to the root file system")
    private boolean readOnly;

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "SRC:DST[:ro]",
            description = "Bind a file or directory of the host; options: ro, rw, noexec")
    private List<String> volumes = new ArrayList<>();

    @Option(
            names = "--mount",
            paramLabel = "KEY=VALUE,…",
            description = "type=bind,source=SRC,target=DST[,readonly] or type=tmpfs,target=DST[,tmpfs-size=64m]")
    private List<String> mounts = new ArrayList<>();

    @Option(names = "--tmpfs", paramLabel = "DST[:size=64m,…]",
            description = "Mount an empty file system in memory: size=, mode=, nr_inodes=, exec")
    private List<String> tmpfs = new ArrayList<>();

    boolean hasRoot() {
        return rootfs != null;
    }

    private Rootfs root(Rootfs.@Nullable Overlay image) {
        if (upper == null && image == null) {
            return rootfs == null ? Rootfs.host() : new Rootfs.Directory(rootfs, readOnly);
        }
        if (rootfs == null && image == null) {
            throw new IllegalArgumentException(
                    "--upper needs an image or --rootfs: the host's root file system is never written to");
        }
        Rootfs.Overlay overlay = image == null ? Rootfs.overlay(rootfs) : image;
        if (upper != null) {
            overlay = overlay.upperOnDisk(upper);
        }
        return readOnly ? overlay.asReadOnly() : overlay;
    }

    /// @param image the image's root file system, or null without one
    void apply(ContainerBuilder builder, Rootfs.@Nullable Overlay image) {
        builder.rootfs(root(image));
        for (String volume : volumes) {
            builder.mount(MountText.volume(volume));
        }
        for (String mount : mounts) {
            MountText.mount(mount, builder);
        }
        for (String mount : tmpfs) {
            MountText.tmpfs(mount, builder);
        }
    }
}
