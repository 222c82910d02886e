// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Digest;

/// The names of layers that lie on others: see "Layer ChainID" in the OCI image specification's `config.md`.
public final class ChainId {
    private ChainId() {}

    /// The name of each layer with those below it.
    ///
    /// @param diffIds the digests of the layers, not compressed, the lowest first
    /// @return the lowest first
    public static List<Digest> all(List<Digest> diffIds) {
        List<Digest> chain = new ArrayList<>(diffIds.size());
        for (int i = 0; i < diffIds.size(); i++) {
            chain.add(i == 0 ? diffIds.get(0) : above(chain.get(i - 1), diffIds.get(i)));
        }
        return chain;
    }

    /// The name of all the layers together.
    public static Digest of(List<Digest> diffIds) {
        return all(diffIds).getLast();
    }

    private static Digest above(Digest chain, Digest diffId) {
        return Digest.of((chain + " " + diffId).getBytes(StandardCharsets.US_ASCII));
    }
}
