// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.util.List;

/// What a store takes of the disk, in bytes as the file system allocates them.
///
/// @param blobs all blobs: documents, configurations and compressed layers
/// @param layers all layers as directories
/// @param shared what more than one image needs, of both
/// @param reclaimable what [ImageStore#collect] would remove now
/// @param images each image
public record DiskUsage(long blobs, long layers, long shared, long reclaimable, List<ImageUsage> images) {
    public DiskUsage {
        images = List.copyOf(images);
    }

    /// All of it.
    public long total() {
        return blobs + layers;
    }

    /// What one image takes.
    ///
    /// @param image the image
    /// @param blobs its blobs
    /// @param layers its layers as directories
    /// @param shared what other images need too, of both
    /// @param inUse whether somebody uses a layer that only this image needs, or its topmost one
    public record ImageUsage(StoredImage image, long blobs, long layers, long shared, boolean inUse) {
        /// All of it.
        public long total() {
            return blobs + layers;
        }

        /// What would be free without this image.
        public long unique() {
            return total() - shared;
        }
    }
}
