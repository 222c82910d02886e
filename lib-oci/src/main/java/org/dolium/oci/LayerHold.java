// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.dolium.oci.store.LayerLease;

/// The layers of an image, kept for the image and for each of its containers: the last one who needs them gives them back. So the
/// store is asked once, and not at each start.
final class LayerHold {
    private final LayerLease lease;
    private int users = 1;

    /// @param lease which this closes
    LayerHold(LayerLease lease) {
        this.lease = lease;
    }

    /// One more user.
    ///
    /// @return what it calls once when it needs them no longer
    Runnable hold() throws IOException {
        synchronized (this) {
            if (users == 0) {
                throw new IOException("the image was closed, and its layers may be gone");
            }
            users++;
        }
        return release();
    }

    List<Path> lockedDirectories() {
        return lease.lockedDirectories();
    }

    /// What a user calls; only the first time counts.
    Runnable release() {
        AtomicBoolean done = new AtomicBoolean();
        return new Runnable() {
            @Override
            public void run() {
                if (!done.getAndSet(true)) {
                    leave();
                }
            }
        };
    }

    private synchronized void leave() {
        users--;
        if (users == 0) {
            lease.close();
        }
    }
}
