// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Digest;

/// What those who bring images into a store right now have been promised: a line for each blob and each layer, in a file that each of
/// them has locked.
final class Promises {
    private static final String BLOB = "blob ";
    private static final String LAYER = "layer ";

    private Promises() {}

    static String blob(Digest digest) {
        return BLOB + digest;
    }

    static String layer(Digest chainId) {
        return LAYER + chainId;
    }

    /// Adds what anybody was promised. The store's lock is held.
    static void addTo(ImageWalk walk, StoreFiles files) throws IOException {
        for (String name : files.work().names()) {
            OpenFile file = name.startsWith(Work.SESSION) ? files.work().tryFile(name) : null;
            if (file == null) {
                continue;
            }
            if (file.tryLock(true)) {
                file.close(); // nobody is there any more
                continue;
            }
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(file.input(), StandardCharsets.US_ASCII))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    add(walk, line);
                }
            }
        }
    }

    private static void add(ImageWalk walk, String line) throws IOException {
        try {
            if (line.startsWith(BLOB)) {
                walk.addBlob(Digest.parse(line.substring(BLOB.length())));
            } else if (line.startsWith(LAYER)) {
                walk.addLayer(Digest.parse(line.substring(LAYER.length())));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("a list of what is in use is damaged: " + e.getMessage(), e);
        }
    }
}
