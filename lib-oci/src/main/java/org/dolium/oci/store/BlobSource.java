// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;

/// A store as a place where images are read.
final class BlobSource implements ImageSource {
    private final StoreFiles files;

    BlobSource(StoreFiles files) {
        this.files = files;
    }

    @Override
    public Descriptor resolve(String name) throws IOException {
        StoreIndex index = files.index();
        Descriptor found;
        try {
            found = index.find(ImageReference.parse(name));
        } catch (IllegalArgumentException e) {
            throw new IOException("no image in " + files.root() + " can have the name: " + e.getMessage(), e);
        }
        if (found == null) {
            throw new NoSuchFileException(name, null, "no image in " + files.root() + " has this name; pull it, or load it");
        }
        return found;
    }

    @Override
    public VerifiedStream open(Descriptor content) throws IOException {
        OpenFile file = files.blob(content.digest());
        if (file == null) {
            throw new NoSuchFileException(content.digest().toString(), null, "it is not in " + files.root() + "; pull its image again");
        }
        return new VerifiedStream(file.input(), content, file.toString());
    }

    @Override
    public void close() {}
}
