// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;

/// The archives of `docker save` and `docker load`: a tar file with a `manifest.json`, in the old form, with a directory for each
/// layer, or the new one, with blobs.
public final class DockerArchive {
    private DockerArchive() {}

    /// Reads an archive that is not compressed. Names are references, as `busybox:1.36`; the empty name is the only image. The
    /// archive has no manifests, so they are made for it, with the types of OCI.
    ///
    /// @throws IOException if it is none
    public static ImageSource read(Path file) throws IOException {
        return source(file);
    }

    /// The names in an archive.
    public static List<String> names(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (DockerSource source = source(file)) {
            for (ImageReference name : source.names()) {
                names.add(name.familiar());
            }
        }
        return names;
    }

    /// The images of an archive that [#read] has opened, also those without a name.
    public static List<Descriptor> images(ImageSource archive) {
        if (!(archive instanceof DockerSource source)) {
            throw new IllegalArgumentException("it is no archive of Docker");
        }
        return source.images();
    }

    private static DockerSource source(Path file) throws IOException {
        TarFiles files = new TarFiles(file, true);
        try {
            return new DockerSource(files);
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    /// Writes an archive that Docker 1.10 and later loads. It is also a layout of the OCI specification, as the archives of Docker 25
    /// and later are.
    public static ImageSink write(Path file) throws IOException {
        return ArchiveSink.of(file, new DockerTable());
    }

    /// The same to a stream, which stays open.
    public static ImageSink write(OutputStream out) {
        return ArchiveSink.of(out, new DockerTable());
    }
}
