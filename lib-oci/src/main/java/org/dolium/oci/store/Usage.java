// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;

/// Measures what a store takes of the disk.
final class Usage {
    private final StoreFiles files;
    private final Sizes blobs = new Sizes();
    private final Sizes layers = new Sizes();

    private Usage(StoreFiles files) {
        this.files = files;
    }

    /// The sizes of what has digests, and how many images need it.
    private static final class Sizes {
        private final Map<Digest, Long> sizes = new HashMap<>();
        private final Map<Digest, Integer> users = new HashMap<>();

        void use(Set<Digest> digests) {
            for (Digest digest : digests) {
                users.merge(digest, 1, Integer::sum);
            }
        }

        long all() {
            long all = 0;
            for (long size : sizes.values()) {
                all += size;
            }
            return all;
        }

        long of(Set<Digest> digests) {
            long all = 0;
            for (Digest digest : digests) {
                all += sizes.getOrDefault(digest, 0L);
            }
            return all;
        }

        long shared(Set<Digest> digests) {
            long all = 0;
            for (Digest digest : digests) {
                all += users.getOrDefault(digest, 0) > 1 ? sizes.getOrDefault(digest, 0L) : 0;
            }
            return all;
        }
    }

    static DiskUsage of(StoreFiles files, List<StoredImage> images) throws IOException {
        return new Usage(files).measure(images);
    }

    private DiskUsage measure(List<StoredImage> images) throws IOException {
        List<ImageWalk> walks = new ArrayList<>();
        ImageWalk needed;
        OpenFile lock = files.lock(false);
        try {
            for (StoredImage image : images) {
                walks.add(walk(image.root()));
            }
            needed = Collector.needed(files, files.index());
        } finally {
            lock.close();
        }
        measureBlobs();
        measureLayers();
        return usage(images, walks, needed);
    }

    private ImageWalk walk(Descriptor root) throws IOException {
        ImageWalk walk = new ImageWalk(files);
        walk.add(root);
        blobs.use(walk.blobs());
        layers.use(walk.layers());
        return walk;
    }

    private void measureBlobs() throws IOException {
        for (String algorithm : Collector.algorithms(files, StoreFiles.BLOBS)) {
            OpenDirectory directory = files.madeDirectory(StoreFiles.BLOBS, algorithm);
            for (String name : directory.names()) {
                Digest digest = Collector.digest(algorithm, name);
                FileStatus status = digest == null ? null : directory.status(name);
                if (digest != null && status != null) {
                    blobs.sizes.put(digest, status.allocated());
                }
            }
        }
    }

    private void measureLayers() throws IOException {
        for (String algorithm : Collector.algorithms(files, StoreFiles.LAYERS)) {
            OpenDirectory directory = files.madeDirectory(StoreFiles.LAYERS, algorithm);
            for (String name : directory.names()) {
                Digest digest = Collector.digest(algorithm, name);
                if (digest != null) {
                    layers.sizes.put(digest, Measure.tree(directory, name));
                }
            }
        }
    }

    private DiskUsage usage(List<StoredImage> images, List<ImageWalk> walks, ImageWalk needed) throws IOException {
        List<DiskUsage.ImageUsage> each = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            ImageWalk walk = walks.get(i);
            each.add(new DiskUsage.ImageUsage(images.get(i), blobs.of(walk.blobs()), layers.of(walk.layers()),
                    blobs.shared(walk.blobs()) + layers.shared(walk.layers()), isInUse(walk)));
        }
        long reclaimable = blobs.all() - blobs.of(needed.blobs());
        for (Map.Entry<Digest, Long> layer : layers.sizes.entrySet()) {
            if (!needed.layers().contains(layer.getKey()) && !isInUse(layer.getKey())) {
                reclaimable += layer.getValue();
            }
        }
        return new DiskUsage(
                blobs.all(), layers.all(), blobs.shared(blobs.sizes.keySet()) + layers.shared(layers.sizes.keySet()), reclaimable, each);
    }

    /// Whether somebody uses a layer that no other image has; of an image whose layers are all in others, the topmost.
    private boolean isInUse(ImageWalk walk) throws IOException {
        boolean own = false;
        Digest last = null;
        for (Digest layer : walk.layers()) {
            last = layer;
            if (layers.users.getOrDefault(layer, 0) == 1) {
                own = true;
                if (isInUse(layer)) {
                    return true;
                }
            }
        }
        return !own && last != null && isInUse(last);
    }

    private boolean isInUse(Digest layer) throws IOException {
        OpenDirectory all = files.directory(StoreFiles.LAYERS, layer.algorithm());
        OpenDirectory directory = all == null ? null : all.tryDirectory(layer.hex());
        if (directory == null) {
            return false;
        }
        try (directory) {
            return !directory.tryLock(true);
        }
    }
}
