// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Digest;
import org.dolium.oci.unpack.ImpliedDirectories;
import org.jspecify.annotations.Nullable;

/// A layer that is being unpacked, in a directory that nobody else uses. Several JVMs may unpack the same layer at once, each in a
/// directory of its own: the first one's is kept. If this is closed, or its JVM is killed, before [#commit], nothing is left.
public final class LayerStaging implements Closeable {
    /// The tree, in a layer's directory.
    static final String TREE = "tree";
    /// What the layer is, beside the tree.
    static final String RECORD = "layer";

    private static final int ROOT_MODE = 0755; // until the layer says something else

    private final StoreFiles files;
    private final Digest chainId;
    private final List<Digest> below;
    private final @Nullable StoreSink sink;
    private final Work.Directory work;

    LayerStaging(StoreFiles files, List<Digest> diffIds, @Nullable StoreSink sink) throws IOException {
        this.files = files;
        this.chainId = ChainId.of(diffIds);
        this.sink = sink;
        below = List.copyOf(diffIds.subList(0, diffIds.size() - 1));
        work = Work.directory(files, Work.LAYER);
        try {
            make(diffIds);
        } catch (IOException e) {
            try (work) {
                throw e;
            }
        }
    }

    private void make(List<Digest> diffIds) throws IOException {
        work.directory().makeDirectory(TREE);
        try (OpenDirectory tree = work.directory().directory(TREE)) {
            tree.mode(ROOT_MODE);
        }
        OpenFile record = work.directory().create(RECORD);
        String text = "chain id: " + chainId + "\ndiff id: " + diffIds.getLast() + "\nkind: " + StoreFormat.policy().removals() + "\n";
        try (OutputStream out = record.output()) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        } finally {
            record.close();
        }
    }

    /// The name of the layer.
    public Digest chainId() {
        return chainId;
    }

    /// Where the layer is unpacked: an empty directory with permissions 0755.
    public Path directory() {
        return work.path().resolve(TREE);
    }

    /// Makes directories that the layer says nothing about look as in the layers below it.
    ///
    /// @throws java.nio.file.NoSuchFileException if one of those isn't there
    public void inherit(ImpliedDirectories implied) throws IOException {
        if (!implied.isEmpty() && !below.isEmpty()) {
            try (LayerLease lower = LayerLease.take(files, new LayerHolds(files), below)) {
                implied.inherit(directory(), lower.directories());
            }
        }
    }

    /// Writes what is in it so far to the disk, so that [#commit] takes less time.
    public void sync() throws IOException {
        work.directory().syncAll();
    }

    /// Makes the layer one of the store's, after it is on the disk. The layer is not collected before this is closed.
    ///
    /// @return false if another one was first; its directory is as good
    public boolean commit() throws IOException {
        work.directory().syncAll();
        OpenDirectory layers = files.madeDirectory(StoreFiles.LAYERS, chainId.algorithm());
        OpenFile lock = sink == null ? files.lock(false) : sink.lock();
        try {
            if (sink != null) {
                sink.promise(Promises.layer(chainId));
            }
            if (!work.move(layers, chainId.hex())) {
                return false;
            }
            work.directory().tryLock(false); // so that it can be used at once
        } finally {
            lock.close();
        }
        layers.sync();
        return true;
    }

    @Override
    public void close() throws IOException {
        work.close();
    }
}
