// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Files by their path, in a directory or an archive that somebody else may have made.
sealed interface ImageFiles extends Closeable permits DirectoryFiles, TarFiles {
    /// A regular file.
    ///
    /// @param path of names and slashes, written by us or checked
    /// @return null if there is none
    @Nullable Content open(String path) throws IOException;

    /// What errors call it.
    String origin();

    /// @param in the content; whoever opened it closes it
    /// @param size its length
    record Content(InputStream in, long size) {}

    /// A small file as a whole; null if there is none.
    default byte @Nullable [] read(String path, int most) throws IOException {
        Content content = open(path);
        if (content == null) {
            return null;
        }
        try (InputStream in = content.in()) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(path + " in " + origin() + " is larger than " + most + " bytes");
            }
            return bytes;
        }
    }
}
