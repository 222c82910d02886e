// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;

/// Reads and writes layers for tests.
final class Layers {
    static final LayerPolicy APPLIED = LayerPolicy.of(LayerPolicy.Removals.APPLIED, owners());

    private Layers() {}

    /// Root keeps owners, a plain user can't.
    static Owners owners() {
        return isRoot() ? new Owners.Kept() : new Owners.Squashed();
    }

    static boolean isRoot() {
        return org.dolium.testing.ProcessStatus.self().effectiveUid() == 0;
    }

    static VerifiedStream blob(String mediaType, byte[] content) {
        return new VerifiedStream(new ByteArrayInputStream(content), Descriptor.of(mediaType, content), "a test");
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    /// What a layer has, an entry a line, with contents of files.
    static List<String> read(LayerText layer) throws IOException {
        return read(layer.bytes());
    }

    static List<String> read(byte[] archive) throws IOException {
        return read(blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard());
    }

    static List<String> read(VerifiedStream blob, Digest diffId, LayerLimits limits) throws IOException {
        List<String> lines = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(blob, diffId, limits)) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                lines.add(line(entry, reader));
            }
        }
        return lines;
    }

    private static String line(LayerEntry entry, LayerReader reader) throws IOException {
        return switch (entry) {
            case LayerEntry.File file -> "file " + file.path() + " " + file.size() + " " + content(file, reader);
            case LayerEntry.Directory directory -> "directory " + directory.path();
            case LayerEntry.SymbolicLink link -> "link " + link.path() + " " + text(link.target());
            case LayerEntry.HardLink link -> "hard " + link.path() + " " + link.target();
            case LayerEntry.Device device ->
                (device.block() ? "block " : "char ") + device.path() + " " + device.major() + ":" + device.minor();
            case LayerEntry.Fifo fifo -> "fifo " + fifo.path();
            case LayerEntry.Whiteout whiteout -> "whiteout " + whiteout.path();
            case LayerEntry.OpaqueMarker marker -> "opaque " + marker.path();
        };
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// With dots for holes.
    private static String content(LayerEntry.File file, LayerReader reader) throws IOException {
        if (file.size() > 10_000) {
            return "...";
        }
        byte[] content = new byte[(int) file.size()];
        java.util.Arrays.fill(content, (byte) '.');
        for (LayerEntry.Extent extent : file.extents()) {
            for (int done = 0; done < extent.length(); ) {
                done += reader.read(content, (int) extent.offset() + done, (int) extent.length() - done);
            }
        }
        return text(content);
    }

    static UnpackReport apply(LayerText layer, Path directory) throws IOException {
        return apply(layer, directory, APPLIED);
    }

    static UnpackReport apply(LayerText layer, Path directory, LayerPolicy policy) throws IOException {
        byte[] archive = layer.bytes();
        return LayerUnpack.apply(
                blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(), directory, policy);
    }

    static UnpackReport create(LayerText layer, Path directory, LayerPolicy policy) throws IOException {
        byte[] archive = layer.bytes();
        return LayerUnpack.create(
                blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(), directory, policy);
    }

    /// Content that is said to be something, whatever it is.
    static VerifiedStream endless(String mediaType, InputStream from, long size) {
        return new VerifiedStream(from, Descriptor.of(mediaType, Digest.of(new byte[0]), size), "a test");
    }
}
