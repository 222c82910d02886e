// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.util.Arrays;

/// Something that is not as it is in the lower layers of an overlay.
///
/// @param kind what has become of it
/// @param path where, from the root, with a slash before it; bytes in whatever encoding
public record TreeChange(Kind kind, byte[] path) {
    /// As `docker diff` writes it: `A`, `C` or `D`.
    public enum Kind {
        ADDED,
        CHANGED,
        DELETED;

        public char letter() {
            return name().charAt(0);
        }
    }

    /// The path, where it is UTF-8; what is not is replaced.
    public String text() {
        return new String(path, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TreeChange change && kind == change.kind && Arrays.equals(path, change.path);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + Arrays.hashCode(path);
    }

    @Override
    public String toString() {
        return kind.letter() + " " + text();
    }
}
