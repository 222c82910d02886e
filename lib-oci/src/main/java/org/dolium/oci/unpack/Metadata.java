// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.LinkedHashMap;
import java.util.Map;

/// What an archive says about a file besides its content.
///
/// @param mode permissions and the set-id and sticky bits
/// @param uid of the owner, as the layer says, at most 2³²-2
/// @param gid of the group, likewise
/// @param seconds of the last change, since 1970
/// @param nanos of that second
/// @param xattrs all extended attributes that the layer has
public record Metadata(int mode, long uid, long gid, long seconds, int nanos, Map<String, byte[]> xattrs) {
    public Metadata {
        xattrs = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(xattrs));
    }

    /// Of a directory that is only named by what is in it.
    static final Metadata IMPLIED = new Metadata(0755, 0, 0, 0, 0, Map.of());
}
