// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.OpenFlags;
import org.dolium.oci.pack.TreePack.Output;
import org.dolium.oci.unpack.LayerEntry;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerReader;

/// Writes trees of files as layers. The same tree with the same policy gives the same layer, bit for bit. What can't be in a layer is
/// an error, and nothing outside the tree is read whatever its owner does meanwhile.
///
/// ```java
/// try (PackedLayer layer = LayerPack.changes(upper, PackPolicy.of(Kind.OVERLAY, new Owners.Kept()), GZIP, false, spool)) {
///     sink.put(layer.open());
/// }
/// ```
public final class LayerPack {
    private static final int DIRECTORY_NOFOLLOW = OpenFlags.directory(Kernel.ARCH) | OpenFlags.noFollow(Kernel.ARCH);

    private LayerPack() {}

    /// What an upper directory of overlayfs has, and what it removes.
    ///
    /// @param docker whether the layer is for an image in Docker's format
    /// @param spool a directory in which the layer is kept, without a name, until the result is closed
    public static PackedLayer changes(
            Path upper, PackPolicy policy, LayerCompression compression, boolean docker, Path spool) throws IOException {
        return PackedLayer.write(
                spool, compression, docker, out -> write(List.of(upper), policy, Output.CHANGES, out));
    }

    /// All that is in a directory, or in several, the topmost first, as overlayfs shows them together.
    public static PackedLayer tree(
            List<Path> directories, PackPolicy policy, LayerCompression compression, boolean docker, Path spool)
            throws IOException {
        return PackedLayer.write(spool, compression, docker, out -> write(directories, policy, Output.LAYER, out));
    }

    /// The same as a plain archive, which is no layer: `docker export`.
    ///
    /// @param archive stays open
    public static PackReport export(List<Path> directories, PackPolicy policy, OutputStream archive) throws IOException {
        PackReport report = write(directories, policy, Output.FILES, archive);
        archive.flush();
        return report;
    }

    /// A layer that is an archive already, not compressed. It must be one that [org.dolium.oci.unpack.LayerReader] reads.
    ///
    /// @param archive stays open
    public static PackedLayer archive(InputStream archive, LayerCompression compression, boolean docker, Path spool, LayerLimits limits)
            throws IOException {
        PackedLayer layer = PackedLayer.write(spool, compression, docker, out -> {
            long count = archive.transferTo(out);
            return new PackReport(0, count, 0, 0, Set.of());
        });
        try {
            return layer.withReport(read(layer, limits));
        } catch (IOException | RuntimeException | Error e) {
            layer.close();
            throw e;
        }
    }

    private static PackReport read(PackedLayer layer, LayerLimits limits) throws IOException {
        PackReport.Counter report = new PackReport.Counter();
        try (LayerReader reader = LayerReader.open(layer.open(), layer.diffId(), limits)) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                report.entry();
                if (entry instanceof LayerEntry.File file) {
                    report.file(file.size());
                }
            }
        }
        return report.report();
    }

    private static PackReport write(List<Path> directories, PackPolicy policy, Output output, OutputStream out)
            throws IOException {
        if (directories.isEmpty() || directories.size() > 1 && policy.kind() == PackPolicy.Kind.PLAIN) {
            throw new IllegalArgumentException("it takes one directory, or several layers of overlayfs");
        }
        List<Fd> roots = new ArrayList<>();
        PackReport.Counter report = new PackReport.Counter();
        try (PackCalls calls = new PackCalls()) {
            for (Path directory : directories) {
                roots.add(Fd.open(directory.toString(), DIRECTORY_NOFOLLOW, 0));
            }
            TarOutput tar = new TarOutput(out);
            new TreePack(calls, tar, policy, output, report).pack(roots);
            tar.finish();
            return report.report();
        } finally {
            for (Fd root : roots) {
                root.close();
            }
        }
    }
}
