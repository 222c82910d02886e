// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import org.dolium.oci.image.Descriptor;
import org.dolium.oci.unpack.UnpackReport;

/// Something that has happened in a pull.
public sealed interface PullEvent {
    /// It is known which image it is.
    ///
    /// @param name what was asked for
    /// @param manifest the image for the platform
    /// @param layers how many layers it has
    /// @param bytes how long they are, compressed
    record Resolved(String name, Descriptor manifest, int layers, long bytes) implements PullEvent {}

    /// Something is done about a layer: it is downloaded, unpacked or both.
    ///
    /// @param local whether it is in the store and only unpacked
    record LayerStarted(Descriptor layer, boolean local) implements PullEvent {}

    /// What was read of a layer is wrong and forgotten. It is read again from its beginning, from somewhere else.
    ///
    /// @param problem what was wrong, and where
    record LayerRetried(Descriptor layer, String problem) implements PullEvent {}

    /// More of a layer was read: some times a second at most, and not for each byte.
    ///
    /// @param bytes so far, of the layer's size; they never become fewer but after a [LayerRetried]
    record Downloaded(Descriptor layer, long bytes) implements PullEvent {}

    /// A layer was written as files, and verified.
    record Unpacked(Descriptor layer, UnpackReport report) implements PullEvent {}

    /// A layer is in the store.
    ///
    /// @param existed whether it was there before, or somebody else has pulled it meanwhile
    record LayerDone(Descriptor layer, boolean existed) implements PullEvent {}

    /// The image is in the store with its names.
    record Finished(PulledImage image) implements PullEvent {}
}
