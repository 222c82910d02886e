// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.dolium.oci.image.Digest;
import org.dolium.oci.unpack.LayerUnpack;
import org.jspecify.annotations.Nullable;

/// Layers that are in use: no JVM collects them until this is closed, or its JVM has ended.
public final class LayerLease implements Closeable {
    private final LayerHolds holds;
    private final List<Digest> held;
    private final List<Path> directories;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LayerLease(LayerHolds holds, List<Digest> held, List<Path> directories) {
        this.holds = holds;
        this.held = List.copyOf(held);
        this.directories = List.copyOf(directories);
    }

    static LayerLease take(StoreFiles files, LayerHolds holds, List<Digest> diffIds) throws IOException {
        List<Digest> chain = ChainId.all(diffIds);
        int missing = holds.hold(chain);
        if (missing >= 0) {
            throw new NoSuchFileException(chain.get(missing).toString(), null, "layer " + (missing + 1) + " of " + chain.size()
                    + " with diff ID " + diffIds.get(missing) + " is not unpacked in " + files.root() + "; pull its image again");
        }
        return of(files, holds, chain);
    }

    /// Null if a layer is not there.
    static @Nullable LayerLease tryTake(StoreFiles files, LayerHolds holds, List<Digest> chain) throws IOException {
        return holds.hold(chain) >= 0 ? null : of(files, holds, chain);
    }

    private static LayerLease of(StoreFiles files, LayerHolds holds, List<Digest> chain) throws IOException {
        try {
            return new LayerLease(holds, chain, visible(directories(files, chain)));
        } catch (IOException | RuntimeException e) {
            holds.release(chain);
            throw e;
        }
    }

    private static List<Path> visible(List<Path> trees) throws IOException {
        for (int i = 0; i < trees.size() - 1; i++) {
            if (LayerUnpack.hidesLower(trees.get(i))) {
                return trees.subList(0, i + 1);
            }
        }
        return trees;
    }

    private static List<Path> directories(StoreFiles files, List<Digest> chain) {
        List<Path> directories = new ArrayList<>(chain.size());
        for (int i = chain.size() - 1; i >= 0; i--) {
            Digest layer = chain.get(i);
            directories.add(files.path().resolve(StoreFiles.LAYERS + "/" + layer.algorithm() + "/" + layer.hex() + "/" + LayerStaging.TREE));
        }
        return directories;
    }

    /// The trees of the layers, the topmost first, as [org.dolium.container.Rootfs#overlay] wants them. Nobody may change them. Those
    /// below one that hides all of them are left out.
    public List<Path> directories() {
        return directories;
    }

    /// The directories whose locks keep the layers, for processes that need them longer than this JVM.
    public List<Path> lockedDirectories() {
        List<Path> locked = new ArrayList<>(held.size());
        for (int i = 0; i < held.size(); i++) {
            locked.add(holds.directory(held.get(i)));
        }
        return locked;
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            holds.release(held);
        }
    }
}
