// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;

/// The layout of the OCI image specification, in a directory or an archive. Names are tags, as `latest`, or whole references, which
/// are kept as containerd keeps them; the empty name is the only image.
public final class OciLayout {
    private OciLayout() {}

    /// Reads a layout in a directory, or in an archive that is not compressed. No link in it is followed.
    ///
    /// @throws IOException if it is none
    public static ImageSource read(Path path) throws IOException {
        return source(path);
    }

    private static LayoutSource source(Path path) throws IOException {
        ImageFiles files = Files.isDirectory(path) ? new DirectoryFiles(path) : new TarFiles(path, false);
        try {
            return new LayoutSource(files);
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    /// The images that the index of a layout names, and their annotations.
    public static List<Descriptor> images(Path path) throws IOException {
        try (LayoutSource source = source(path)) {
            return source.index().manifests();
        }
    }

    /// The names in a layout.
    public static List<String> names(Path path) throws IOException {
        List<String> names = new ArrayList<>();
        for (Descriptor image : images(path)) {
            List<String> own = LayoutNames.names(image);
            if (!own.isEmpty()) {
                names.add(own.get(0));
            }
        }
        return names;
    }

    /// The whole reference that an entry of a layout's index names, if it names one and not a tag alone.
    public static Optional<ImageReference> reference(Descriptor entry) {
        for (String name : LayoutNames.names(entry)) {
            if (name.indexOf('/') >= 0 || name.indexOf(':') >= 0) {
                return Optional.of(ImageReference.parse(name).withDefaultTag());
            }
        }
        return Optional.empty();
    }

    /// Writes to a layout in a directory, which is made if it isn't there. Others may write to it at the same time.
    public static ImageSink write(Path directory) throws IOException {
        return new LayoutSink(directory);
    }

    /// Writes a layout as an archive.
    public static ImageSink writeArchive(Path file) throws IOException {
        return ArchiveSink.of(file, null);
    }

    /// Writes a layout as an archive to a stream, which stays open.
    public static ImageSink writeArchive(OutputStream out) {
        return ArchiveSink.of(out, null);
    }
}
