// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.MediaTypes;

/// Copies images with all their parts, byte for byte: digests stay what they are. Where a sink takes several blobs at once, they are
/// read by as many threads, which end with the copy.
///
/// ```java
/// try (ImageSource from = OciLayout.read(directory); ImageSink to = DockerArchive.write(file)) {
///     ImageCopy.copy(from, from.resolve("latest"), to, List.of("example.com/app:1"));
///     to.finish();
/// }
/// ```
public final class ImageCopy {
    /// How many documents may be in each other: an index in an index in an index, and its images.
    private static final int DEPTH = 3;
    private static final int MOST_DOCUMENTS = 10_000;

    private final ImageSource from;
    private final ImageSink to;
    private final Set<Digest> done = new HashSet<>();
    private int documents;

    private ImageCopy(ImageSource from, ImageSink to) {
        this.from = from;
        this.to = to;
    }

    /// Copies a document and everything below it, and gives it names there.
    public static void copy(ImageSource from, Descriptor root, ImageSink to, List<String> names) throws IOException {
        new ImageCopy(from, to).document(root, 0);
        to.publish(root, names);
    }

    private void document(Descriptor descriptor, int depth) throws IOException {
        if (!done.add(descriptor.digest())) {
            return;
        }
        boolean isIndex = MediaTypes.isIndex(descriptor.mediaType());
        if (depth >= DEPTH && isIndex || ++documents > MOST_DOCUMENTS) {
            throw new WrongContentException(descriptor.digest() + " is in more than " + DEPTH + " indexes, or there are more than "
                    + MOST_DOCUMENTS + " documents");
        }
        byte[] bytes = Contents.bytes(from, descriptor, ImageDocument.LIMIT);
        List<Descriptor> blobs = new ArrayList<>();
        for (Descriptor part : Contents.document(descriptor, bytes).parts()) {
            if (isIndex && MediaTypes.isDocument(part.mediaType())) {
                document(part, depth + 1);
            } else if (done.add(part.digest())) {
                blobs.add(part);
            }
        }
        if (to.parallelism() > 1) {
            parallel(blobs);
        } else {
            for (Descriptor blob : blobs) {
                blob(blob);
            }
        }
        if (!to.has(descriptor)) {
            to.put(Contents.stream(descriptor, bytes));
        }
    }

    /// Layers at once, and then the configuration.
    private void parallel(List<Descriptor> blobs) throws IOException {
        List<Descriptor> first = new ArrayList<>();
        List<Descriptor> last = new ArrayList<>();
        for (Descriptor blob : blobs) {
            (MediaTypes.isConfig(blob.mediaType()) ? last : first).add(blob);
        }
        BlobThreads.copy(first, to.parallelism(), this::blob);
        for (Descriptor blob : last) {
            blob(blob);
        }
    }

    private void blob(Descriptor descriptor) throws IOException {
        if (to.has(descriptor)) {
            return;
        }
        Attempts attempts = new Attempts(descriptor, List.of(from));
        while (true) {
            try (VerifiedStream content = attempts.open()) {
                try {
                    to.put(content);
                    return;
                } catch (WrongContentException e) {
                    attempts.failed(content, e);
                }
            }
        }
    }
}
