// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.List;

/// One thing that a layer has or removes.
public sealed interface LayerEntry {
    /// Where it is, or what is removed.
    LayerPath path();

    /// A regular file. Its content comes from the reader.
    ///
    /// @param size how long it is, with its holes
    /// @param extents where its content goes, in order; what is between is a hole
    record File(LayerPath path, Metadata metadata, long size, List<Extent> extents) implements LayerEntry {
        public File {
            extents = List.copyOf(extents);
        }
    }

    record Directory(LayerPath path, Metadata metadata) implements LayerEntry {}

    /// @param target whatever it says; nothing here follows it
    record SymbolicLink(LayerPath path, Metadata metadata, byte[] target) implements LayerEntry {}

    /// Another name of a file.
    ///
    /// @param target the file's name below the same root
    record HardLink(LayerPath path, LayerPath target) implements LayerEntry {}

    /// @param block whether it is a block device, else a character device
    record Device(LayerPath path, Metadata metadata, boolean block, int major, int minor) implements LayerEntry {}

    record Fifo(LayerPath path, Metadata metadata) implements LayerEntry {}

    /// What earlier layers have at this path is gone.
    record Whiteout(LayerPath path) implements LayerEntry {}

    /// What earlier layers have in this directory is gone.
    record OpaqueMarker(LayerPath path) implements LayerEntry {}

    /// Some consecutive bytes of a file.
    record Extent(long offset, long length) {}
}
