// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;

/// Images in memory, with layers of random bytes. As a source it gives what [#content] has, right or wrong.
public final class TestImage implements ImageSource {
    public final Map<Digest, byte[]> content = new HashMap<>();
    public final Map<String, Descriptor> names = new HashMap<>();
    public final List<Digest> opened = Collections.synchronizedList(new ArrayList<>());

    /// An image with layers of these sizes.
    public Descriptor image(String platform, int... sizes) {
        Random random = new Random(sizes.length + platform.hashCode());
        List<Descriptor> layers = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (int size : sizes) {
            byte[] layer = new byte[size];
            random.nextBytes(layer);
            layers.add(add(MediaTypes.OCI_LAYER, layer));
            diffIds.add(Digest.of(layer));
        }
        Platform needed = Platform.parse(platform);
        Descriptor config = add(MediaTypes.OCI_CONFIG, ImageConfig.of(needed, diffIds).toJson());
        return add(MediaTypes.OCI_MANIFEST, Manifest.of(config, layers).toJson()).withPlatform(needed);
    }

    public Descriptor index(Descriptor... images) {
        return add(MediaTypes.OCI_INDEX, Index.of(List.of(images)).toJson());
    }

    public Descriptor add(String mediaType, byte[] bytes) {
        Descriptor descriptor = Descriptor.of(mediaType, bytes);
        content.put(descriptor.digest(), bytes);
        return descriptor;
    }

    @Override
    public Descriptor resolve(String name) throws IOException {
        Descriptor found = names.get(name);
        if (found == null) {
            throw new NoSuchFileException(name);
        }
        return found;
    }

    @Override
    public VerifiedStream open(Descriptor descriptor) throws IOException {
        opened.add(descriptor.digest());
        byte[] bytes = content.get(descriptor.digest());
        if (bytes == null) {
            throw new NoSuchFileException(descriptor.digest().toString());
        }
        return new VerifiedStream(new ByteArrayInputStream(bytes), descriptor, "the test");
    }

    @Override
    public void close() {}
}
