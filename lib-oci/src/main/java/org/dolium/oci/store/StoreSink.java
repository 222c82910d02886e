// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.jspecify.annotations.Nullable;

/// Images that come into a store. What this has written, and what it found there, is not collected until this is closed, also by no
/// other JVM: by then it should have a name. Several threads may use it at once.
public final class StoreSink implements ImageSink {
    private final StoreFiles files;
    private final Set<String> promised = new HashSet<>();
    private Work.@Nullable File session;
    private @Nullable OutputStream promises;

    StoreSink(StoreFiles files) {
        this.files = files;
    }

    @Override
    public boolean has(Descriptor content) throws IOException {
        if (!files.hasBlob(content)) {
            return false;
        }
        OpenFile lock = lock();
        try {
            boolean has = files.hasBlob(content);
            if (has) {
                promise(Promises.blob(content.digest()));
            }
            return has;
        } finally {
            lock.close();
        }
    }

    /// Whether a layer is there as a directory, so that it need not be unpacked.
    public boolean hasLayer(Digest chainId) throws IOException {
        if (!files.hasLayer(chainId)) {
            return false;
        }
        OpenFile lock = lock();
        try {
            boolean has = files.hasLayer(chainId);
            if (has) {
                promise(Promises.layer(chainId));
            }
            return has;
        } finally {
            lock.close();
        }
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        try (Work.File work = Work.file(files, Work.BLOB)) {
            try (OutputStream out = work.file().output()) {
                content.transferTo(out);
            }
            if (!content.isVerified()) {
                throw new AssertionError("a stream that ends is verified");
            }
            work.file().sync();
            show(work, content.descriptor().digest());
        }
    }

    /// Makes a file that is whole, verified and on the disk visible.
    void show(Work.File work, Digest digest) throws IOException {
        OpenDirectory directory = files.madeDirectory(StoreFiles.BLOBS, digest.algorithm());
        OpenFile lock = lock();
        try {
            promise(Promises.blob(digest));
            work.move(directory, digest.hex());
        } finally {
            lock.close();
        }
        directory.sync();
    }

    /// Makes a directory for a layer that is to be unpacked; nothing of it is collected until this sink is closed.
    ///
    /// @param diffIds the digests of this layer and all below it, not compressed, the lowest first
    public LayerStaging stage(List<Digest> diffIds) throws IOException {
        return new LayerStaging(files, diffIds, this);
    }

    /// The lock under which promises are made and kept.
    OpenFile lock() throws IOException {
        begin();
        return files.lock(false);
    }

    private synchronized void begin() throws IOException {
        if (session == null) {
            Collector.reclaim(files); // a JVM that is killed again and again would fill the disk
            session = Work.file(files, Work.SESSION);
            promises = session.file().output();
        }
    }

    /// Writes down what must not be collected. The store's lock is held.
    synchronized void promise(String what) throws IOException {
        if (promises == null) {
            throw new IllegalStateException("the sink is closed");
        }
        if (promised.add(what)) {
            promises.write((what + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    /// Gives a document that is there names. All that an image needs must be there: its configuration, and each layer compressed or
    /// unpacked; of an index, one image.
    ///
    /// @param names references, as people write them; there may be none
    /// @throws IllegalArgumentException if one has the digest of another image
    @Override
    public void publish(Descriptor root, List<String> names) throws IOException {
        List<ImageReference> references = new ArrayList<>();
        for (String name : names) {
            references.add(ImageReference.parse(name));
        }
        name(files, root, references);
    }

    static void name(StoreFiles files, Descriptor root, List<ImageReference> names) throws IOException {
        List<ImageReference> whole = new ArrayList<>();
        for (ImageReference name : names) {
            if (name.digest() != null && !name.digest().equals(root.digest())) {
                throw new IllegalArgumentException("the name " + name + " has a digest, and it is not that of the image, " + root.digest());
            }
            whole.add(StoreIndex.whole(name));
        }
        OpenFile lock = files.lock(true);
        try {
            ImageWalk walk = new ImageWalk(files);
            walk.add(root);
            if (!walk.missing().isEmpty()) {
                throw new NoSuchFileException(root.digest().toString(), null, "the image is not complete in " + files.root() + ": "
                        + String.join("; ", walk.missing()));
            }
            files.index().with(root, whole).write(files);
        } finally {
            lock.close();
        }
    }

    /// Does nothing: what was published is there.
    @Override
    public void finish() {}

    @Override
    public synchronized void close() throws IOException {
        if (session != null && promises != null) {
            promises.close();
            promises = null;
            session.close();
        }
    }
}
