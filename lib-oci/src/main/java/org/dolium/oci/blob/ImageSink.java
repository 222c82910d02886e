// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.dolium.oci.image.Descriptor;

/// A place where images are written: a registry, a layout, an archive. Parts come before what names them. Nobody sees content that was
/// not verified.
public interface ImageSink extends Closeable {
    /// Whether the content is there already, so that it need not be written.
    boolean has(Descriptor content) throws IOException;

    /// Writes content.
    ///
    /// @throws IOException also if the content is wrong; then it isn't there
    void put(VerifiedStream content) throws IOException;

    /// How many blobs may be asked for and written at once, by as many threads. By default they come one after the other.
    default int parallelism() {
        return 1;
    }

    /// Gives a document that is there names, which may have meant something else before.
    ///
    /// @param root the document
    /// @param names the names as this place writes them; there may be none
    void publish(Descriptor root, List<String> names) throws IOException;

    /// Makes what was published last: an archive is there only after this. Without it, [#close] gives up.
    void finish() throws IOException;
}
