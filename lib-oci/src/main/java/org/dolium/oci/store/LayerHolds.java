// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Digest;
import org.jspecify.annotations.Nullable;

/// The layers that this JVM uses, each with one lock however often it is used.
final class LayerHolds {
    private static final long PATIENCE = 60_000;

    private final StoreFiles files;
    private final Map<Digest, Hold> held = new HashMap<>();

    LayerHolds(StoreFiles files) {
        this.files = files;
    }

    private static final class Hold {
        private final OpenDirectory directory;
        private int users = 1;

        Hold(OpenDirectory directory) {
            this.directory = directory;
        }
    }

    /// Holds all of these layers or none.
    ///
    /// @return which of them is not there, or -1
    synchronized int hold(List<Digest> layers) throws IOException {
        files.checkPlace();
        @Nullable OpenFile lock = null;
        List<Digest> done = new ArrayList<>(layers.size());
        boolean whole = false;
        try {
            for (int i = 0; i < layers.size(); i++) {
                Hold hold = held.get(layers.get(i));
                if (hold != null) {
                    hold.users++;
                } else {
                    lock = lock == null ? files.lock(false) : lock;
                    OpenDirectory directory = opened(layers.get(i));
                    if (directory == null) {
                        return i;
                    }
                    held.put(layers.get(i), new Hold(directory));
                }
                done.add(layers.get(i));
            }
            whole = true;
            return -1;
        } finally {
            if (!whole) {
                release(done);
            }
            if (lock != null) {
                lock.close();
            }
        }
    }

    private @Nullable OpenDirectory opened(Digest layer) throws IOException {
        OpenDirectory layers = files.directory(StoreFiles.LAYERS, layer.algorithm());
        OpenDirectory directory = layers == null ? null : layers.tryDirectory(layer.hex());
        if (directory == null) {
            return null;
        }
        try {
            FileStatus tree = directory.status(LayerStaging.TREE);
            if (tree == null || !tree.isDirectory()) {
                throw new IOException(directory + " has no directory '" + LayerStaging.TREE + "': somebody changed the store");
            }
            directory.lock(false, PATIENCE); // somebody may look whether it is in use
            return directory;
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    /// Where the lock of a layer is.
    Path directory(Digest layer) {
        return files.path().resolve(StoreFiles.LAYERS + "/" + layer.algorithm() + "/" + layer.hex());
    }

    synchronized void release(List<Digest> layers) {
        for (Digest layer : layers) {
            Hold hold = held.get(layer);
            if (hold != null && --hold.users == 0) {
                held.remove(layer);
                hold.directory.close();
            }
        }
    }
}
