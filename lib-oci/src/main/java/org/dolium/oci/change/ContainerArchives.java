// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.dolium.files.ContainerFiles;
import org.dolium.files.CopyReport;
import org.dolium.files.CopyRules;
import org.dolium.oci.pack.LayerCompression;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.pack.PackReport;
import org.dolium.oci.pack.PackedLayer;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;

/// Tar archives of files of running containers, as `docker cp` takes and gives them with `-`. Each is made of a private copy on the
/// host: the archive is read or written strictly, and the container never sees the one at work.
public final class ContainerArchives {
    private ContainerArchives() {}

    /// Writes a file or a directory as an archive, in which it has its own name.
    ///
    /// @param archive stays open
    /// @param spool a directory for the copy
    public static PackReport copyOut(ContainerFiles files, String path, OutputStream archive, CopyRules rules, Path spool)
            throws IOException {
        Path place = place(spool);
        try {
            Path name = Path.of(path).normalize().getFileName();
            files.copyOut(path, place.resolve(name == null ? "root" : name.toString()), rules);
            return LayerPack.export(List.of(place), PackPolicy.of(PackPolicy.Kind.PLAIN, owners(place)), archive);
        } finally {
            LayerUnpack.remove(place);
        }
    }

    /// Copies what is in an archive, which may be compressed, into a directory of the container: it replaces files, and directories
    /// are merged.
    ///
    /// @param directory one that is there, or what will be made
    /// @param archive stays open
    /// @param spool a directory for the copy
    public static CopyReport copyIn(ContainerFiles files, InputStream archive, String directory, CopyRules rules, Path spool)
            throws IOException {
        Path place = place(spool);
        try (PackedLayer layer = LayerPack.archive(
                PlainArchive.open(archive), LayerCompression.NONE, false, place, LayerLimits.standard())) {
            if (layer.report().bytes() > rules.maxBytes()) {
                throw new FileSystemException(directory, null, "the archive has more than " + rules.maxBytes() + " bytes");
            }
            Path tree = place.resolve("tree");
            LayerPolicy policy = LayerPolicy.of(LayerPolicy.Removals.APPLIED, owners(place));
            LayerUnpack.create(layer.open(), layer.diffId(), LayerLimits.standard(), tree, policy);
            return files.copyIn(tree, directory, rules.replacing());
        } finally {
            LayerUnpack.remove(place);
        }
    }

    private static Path place(Path spool) throws IOException {
        return Files.createTempDirectory(
                spool, "dolium-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// A plain user can't give files away.
    private static Owners owners(Path place) throws IOException {
        return Files.getAttribute(place, "unix:uid").equals(0) ? new Owners.Kept() : new Owners.Squashed();
    }
}
