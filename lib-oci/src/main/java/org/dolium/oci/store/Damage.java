// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Digest;

/// Blobs that are not what their names say.
final class Damage {
    private static final int PART = 1 << 17;

    private Damage() {}

    static List<Digest> remove(StoreFiles files) throws IOException {
        List<Digest> damaged = new ArrayList<>();
        for (String algorithm : Collector.algorithms(files, StoreFiles.BLOBS)) {
            OpenDirectory directory = files.madeDirectory(StoreFiles.BLOBS, algorithm);
            for (String name : directory.names()) {
                Digest digest = Collector.digest(algorithm, name);
                if (digest != null && isDamaged(directory, digest) && removed(files, directory, digest)) {
                    damaged.add(digest);
                }
            }
        }
        return damaged;
    }

    /// Somebody may have brought it anew meanwhile, so that it is looked at once more.
    private static boolean removed(StoreFiles files, OpenDirectory directory, Digest digest) throws IOException {
        OpenFile lock = files.lock(true);
        try {
            return isDamaged(directory, digest) && directory.remove(digest.hex());
        } finally {
            lock.close();
        }
    }

    private static boolean isDamaged(OpenDirectory directory, Digest digest) throws IOException {
        OpenFile file = directory.tryFile(digest.hex());
        if (file == null) {
            return false;
        }
        MessageDigest hasher = digest.hasher();
        byte[] part = new byte[PART];
        try (InputStream in = file.input()) {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                hasher.update(part, 0, read);
            }
        }
        return !Digest.finished(digest.algorithm(), hasher.digest()).equals(digest);
    }
}
