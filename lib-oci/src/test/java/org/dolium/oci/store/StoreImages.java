// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.unpack.LayerLimits;

/// Images with layers that can be unpacked, and how they come into a store.
final class StoreImages {
    static final Platform AMD64 = Platform.parse("linux/amd64");

    final TestImage source = new TestImage();

    /// A layer with these files, names and contents in turns.
    static byte[] layer(String... files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < files.length; i += 2) {
                byte[] content = files[i + 1].getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(files[i]);
                entry.setSize(entry.isDirectory() ? 0 : content.length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(content, 0, (int) entry.getSize());
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    /// An image with such layers.
    Descriptor image(byte[]... layers) throws IOException {
        return image("amd64", layers);
    }

    Descriptor image(String platform, byte[]... layers) throws IOException {
        List<Descriptor> blobs = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (byte[] layer : layers) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(layer);
            }
            blobs.add(source.add(MediaTypes.OCI_LAYER_GZIP, bytes.toByteArray()));
            diffIds.add(Digest.of(layer));
        }
        Platform needed = Platform.parse(platform);
        Descriptor config = source.add(MediaTypes.OCI_CONFIG, ImageConfig.of(needed, diffIds).toJson());
        return source.add(MediaTypes.OCI_MANIFEST, Manifest.of(config, blobs).toJson()).withPlatform(needed);
    }

    /// An image with a layer for each text.
    Descriptor simple(String... texts) throws IOException {
        byte[][] layers = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            layers[i] = layer("d" + i + "/", "", "d" + i + "/f", texts[i]);
        }
        return image(layers);
    }

    void pull(ImageStore store, Descriptor root, String... names) throws IOException {
        try (StoreSink sink = store.sink()) {
            ImageCopy.copy(source, root, sink, List.of(names));
        }
    }

    static LayerLease unpack(ImageStore store, Descriptor root) throws IOException {
        return store.unpack(store.image(root).manifest(AMD64), LayerLimits.standard());
    }

    static ImageReference name(String name) {
        return ImageReference.parse(name);
    }
}
