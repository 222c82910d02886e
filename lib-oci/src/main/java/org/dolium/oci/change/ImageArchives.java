// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.files.UnnamedFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.layout.DockerArchive;
import org.dolium.oci.layout.OciLayout;

/// Archives with images: loaded, whatever format they have, and saved.
public final class ImageArchives {
    private ImageArchives() {}

    /// @param root the document
    /// @param names the names that it got
    public record Loaded(Descriptor root, List<ImageReference> names) {}

    /// Takes all images of an archive over: of Docker or of the OCI specification, as it is or compressed, or of a layout in a
    /// directory. Names are those of the archive, if they are whole references.
    ///
    /// @param spool where a compressed archive is unpacked meanwhile, in a file without a name
    public static List<Loaded> load(Path archive, Path spool, ImageSink sink) throws IOException {
        if (Files.isDirectory(archive)) {
            return loadPlain(archive, sink);
        }
        try (InputStream in = Files.newInputStream(archive)) {
            if (!PlainArchive.isCompressed(in.readNBytes(6))) {
                return loadPlain(archive, sink);
            }
        }
        try (InputStream in = Files.newInputStream(archive)) {
            return load(in, spool, sink);
        }
    }

    /// As [#load(Path, Path, ImageSink)], from a stream. Archives are not read in their order, so this one is kept meanwhile.
    public static List<Loaded> load(InputStream archive, Path spool, ImageSink sink) throws IOException {
        try (UnnamedFile plain = spooled(PlainArchive.open(archive), spool)) {
            return loadPlain(plain.path(), sink);
        }
    }

    private static UnnamedFile spooled(InputStream in, Path spool) throws IOException {
        UnnamedFile file = UnnamedFile.create(spool);
        try (OutputStream out = Channels.newOutputStream(file.channel())) {
            in.transferTo(out);
            return file;
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static List<Loaded> loadPlain(Path archive, ImageSink sink) throws IOException {
        List<Descriptor> images;
        try {
            images = OciLayout.images(archive);
        } catch (WrongContentException e) {
            if (Files.isDirectory(archive)) {
                throw e;
            }
            return loadDocker(archive, sink, e);
        }
        Map<Descriptor, List<ImageReference>> names = new LinkedHashMap<>();
        for (Descriptor image : images) {
            List<ImageReference> own = names.computeIfAbsent(image.bare(), key -> new ArrayList<>());
            OciLayout.reference(image).ifPresent(own::add);
        }
        try (ImageSource source = OciLayout.read(archive)) {
            return copy(source, names, sink);
        }
    }

    private static List<Loaded> loadDocker(Path archive, ImageSink sink, WrongContentException notOci) throws IOException {
        List<String> tags;
        try {
            tags = DockerArchive.names(archive);
        } catch (WrongContentException e) {
            e.addSuppressed(notOci);
            throw e;
        }
        try (ImageSource source = DockerArchive.read(archive)) {
            Map<Descriptor, List<ImageReference>> names = new LinkedHashMap<>();
            for (Descriptor image : DockerArchive.images(source)) {
                names.put(image.bare(), new ArrayList<>());
            }
            for (String tag : tags) {
                names.computeIfAbsent(source.resolve(tag).bare(), key -> new ArrayList<>()).add(ImageReference.parse(tag));
            }
            return copy(source, names, sink);
        }
    }

    private static List<Loaded> copy(ImageSource source, Map<Descriptor, List<ImageReference>> images, ImageSink sink)
            throws IOException {
        List<Loaded> loaded = new ArrayList<>();
        for (Map.Entry<Descriptor, List<ImageReference>> image : images.entrySet()) {
            List<String> names = new ArrayList<>();
            for (ImageReference name : image.getValue()) {
                names.add(name.toString());
            }
            ImageCopy.copy(source, image.getKey(), sink, names);
            loaded.add(new Loaded(image.getKey(), image.getValue()));
        }
        return loaded;
    }

    /// Writes images to an archive, all names of one image together.
    ///
    /// @param images manifests, and the names that each gets there
    /// @param docker whether Docker shall load it
    public static void save(ImageSource source, Map<Descriptor, List<ImageReference>> images, boolean docker, Path archive)
            throws IOException {
        try (ImageSink sink = docker ? DockerArchive.write(archive) : OciLayout.writeArchive(archive)) {
            copy(source, images, sink);
            sink.finish();
        }
    }

    /// The same to a stream, which stays open. What is written when this fails has no end.
    public static void save(ImageSource source, Map<Descriptor, List<ImageReference>> images, boolean docker, OutputStream archive)
            throws IOException {
        try (ImageSink sink = docker ? DockerArchive.write(archive) : OciLayout.writeArchive(archive)) {
            copy(source, images, sink);
            sink.finish();
        }
    }
}
