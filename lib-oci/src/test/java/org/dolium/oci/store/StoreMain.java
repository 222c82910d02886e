// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.unpack.LayerLimits;

/// Works with a store in a JVM of its own: directory, seed, seconds. It pulls, unpacks, names, removes and collects images that share
/// layers, and fails if it ever finds something that is not right.
public final class StoreMain {
    private static final int IMAGES = 6;

    private final StoreImages images = new StoreImages();
    private final Descriptor[] roots = new Descriptor[IMAGES];
    private final Random random;
    private int done;

    StoreMain(long seed) throws IOException {
        random = new Random(seed);
        for (int i = 0; i < IMAGES; i++) {
            roots[i] = image(images, i);
        }
    }

    /// Two images in a row have the layer below in common, and all have the lowest.
    static Descriptor image(StoreImages images, int number) throws IOException {
        return images.simple(content(0), content(100 + number / 2), content(200 + number));
    }

    /// Something that takes a moment to write.
    static String content(int number) {
        return (number + " ").repeat(20_000);
    }

    public static void main(String[] args) throws Exception {
        StoreMain main = new StoreMain(Long.parseLong(args[1]));
        try (ImageStore store = ImageStore.open(Path.of(args[0]))) {
            main.pull(store, 0);
            System.out.println("ready");
            long end = System.nanoTime() + Long.parseLong(args[2]) * 1_000_000_000;
            while (System.nanoTime() < end) {
                main.step(store);
            }
        }
        System.out.println("done " + main.done);
    }

    void step(ImageStore store) throws IOException {
        int image = random.nextInt(IMAGES);
        switch (random.nextInt(9)) {
            case 8 -> store.importLayout(layout(store), "i" + image, List.of(StoreImages.name("imported")));
            case 0, 1, 2 -> pull(store, image);
            case 3 -> store.untag(StoreImages.name("i" + image));
            case 4 -> store.remove(roots[image].digest());
            case 5 -> store.collect();
            case 6 -> store.prune();
            default -> store.usage();
        }
        done++;
    }

    /// A layout of its own with all images.
    private Path layout(ImageStore store) throws IOException {
        Path layout = store.directory().resolveSibling("layout" + ProcessHandle.current().pid() + "-" + System.identityHashCode(this));
        if (!Files.exists(layout)) {
            try (ImageSink sink = OciLayout.write(layout)) {
                for (int i = 0; i < IMAGES; i++) {
                    ImageCopy.copy(images.source, roots[i], sink, List.of("i" + i));
                }
            }
        }
        return layout;
    }

    /// What was pulled is there as long as its sink is open, whoever removes the image meanwhile.
    private void pull(ImageStore store, int image) throws IOException {
        try (StoreSink sink = store.sink()) {
            ImageCopy.copy(images.source, roots[image], sink, List.of("i" + image, "latest"));
            try (LayerLease lease = store.unpack(store.image(roots[image]).manifest(StoreImages.AMD64), LayerLimits.standard())) {
                check(lease, image);
            }
        }
    }

    static void check(LayerLease lease, int image) throws IOException {
        int[] numbers = {200 + image, 100 + image / 2, 0};
        for (int i = 0; i < numbers.length; i++) {
            Path file = lease.directories().get(i).resolve("d" + (2 - i) + "/f");
            if (!Files.readString(file).equals(content(numbers[i]))) {
                throw new AssertionError("'" + file + "' is something else");
            }
        }
    }
}
