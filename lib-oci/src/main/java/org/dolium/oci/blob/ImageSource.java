// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.Closeable;
import java.io.IOException;
import org.dolium.oci.image.Descriptor;

/// A place where images are read: a registry, a layout, an archive. There are no reads that are not verified. Several threads may
/// open and read contents at once.
public interface ImageSource extends Closeable {
    /// What a name stands for at this moment. Everything else is named by digest, so that the name is asked once.
    ///
    /// @param name the name as this place writes it
    /// @throws IOException if there is no such name
    Descriptor resolve(String name) throws IOException;

    /// The content that a descriptor names.
    ///
    /// @throws java.nio.file.NoSuchFileException if it is not there
    VerifiedStream open(Descriptor content) throws IOException;

    /// Whether content may be right when it is opened again although what a stream gave is wrong, as it is then had from somewhere
    /// else. Where the stream was found wrong it is not had from there any more.
    ///
    /// @param content which was opened here
    default boolean mayOpenAgain(VerifiedStream content) {
        return false;
    }
}
