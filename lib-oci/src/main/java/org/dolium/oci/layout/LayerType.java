// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import org.dolium.oci.image.MediaTypes;

/// What a layer is, by its first bytes.
final class LayerType {
    private LayerType() {}

    static String of(byte[] first) {
        if (first.length >= 2 && first[0] == 0x1f && first[1] == (byte) 0x8b) {
            return MediaTypes.OCI_LAYER_GZIP;
        }
        boolean zstd = first.length >= 4
                && first[0] == 0x28
                && first[1] == (byte) 0xb5
                && first[2] == 0x2f
                && first[3] == (byte) 0xfd;
        return zstd ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.OCI_LAYER;
    }
}
