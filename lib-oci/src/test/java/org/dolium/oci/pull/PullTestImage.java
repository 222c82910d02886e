// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;

/// An image with layers that are archives, each with one file of random bytes.
final class PullTestImage {
    final TestImage content = new TestImage();
    final List<Descriptor> layers = new ArrayList<>();
    final List<Digest> diffIds = new ArrayList<>();
    Platform platform = Platform.parse("linux/amd64");

    /// A layer with a file, compressed.
    PullTestImage layer(String file, int size) {
        return layer(MediaTypes.OCI_LAYER_GZIP, archive(file, size));
    }

    PullTestImage layer(String type, byte[] archive) {
        layers.add(content.add(type, type.equals(MediaTypes.OCI_LAYER_GZIP) ? gzip(archive) : archive));
        diffIds.add(Digest.of(archive));
        return this;
    }

    /// The manifest.
    Descriptor manifest() {
        Descriptor config = content.add(MediaTypes.OCI_CONFIG, ImageConfig.of(platform, diffIds).toJson());
        return content.add(MediaTypes.OCI_MANIFEST, Manifest.of(config, layers).toJson()).withPlatform(platform);
    }

    /// What a file has.
    static byte[] content(String file, int size) {
        byte[] bytes = new byte[size];
        new Random(file.hashCode() + size).nextBytes(bytes);
        return bytes;
    }

    static byte[] archive(String file, int size) {
        byte[] bytes = content(file, size);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
            TarArchiveEntry entry = new TarArchiveEntry(file);
            entry.setSize(size);
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            tar.write(bytes);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// Only directories, with names and modes by turns.
    static byte[] directories(Object... namesAndModes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
            for (int i = 0; i < namesAndModes.length; i += 2) {
                TarArchiveEntry entry = new TarArchiveEntry((String) namesAndModes[i]);
                entry.setMode((int) namesAndModes[i + 1]);
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
