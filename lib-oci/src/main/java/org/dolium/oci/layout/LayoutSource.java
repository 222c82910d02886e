// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.json.JsonPlace;

/// A layout of the OCI image specification that is read.
final class LayoutSource implements ImageSource {
    private final ImageFiles files;

    LayoutSource(ImageFiles files) throws IOException {
        this.files = files;
        LayoutNames.checkVersion(files);
    }

    Index index() throws IOException {
        byte[] bytes = files.read("index.json", ImageDocument.LIMIT);
        if (bytes == null) {
            throw new WrongContentException(files.origin() + " has no index.json");
        }
        try {
            return (Index) ImageDocument.parse(bytes, MediaTypes.OCI_INDEX);
        } catch (IllegalArgumentException e) {
            throw new WrongContentException("index.json in " + files.origin() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Descriptor resolve(String name) throws IOException {
        List<Descriptor> entries = index().manifests();
        List<Descriptor> found = LayoutNames.find(entries, name);
        if (found.size() == 1) {
            return LayoutNames.unnamed(found.get(0));
        }
        String problem = found.isEmpty() ? "has no image" : "has " + found.size() + " images";
        throw new IOException(files.origin() + " " + problem + " '" + JsonPlace.shown(name, 200) + "'; it has "
                + LayoutNames.list(entries));
    }

    @Override
    public VerifiedStream open(Descriptor content) throws IOException {
        ImageFiles.Content file = files.open(path(content.digest()));
        if (file == null) {
            throw new NoSuchFileException(content.digest().toString(), null, "it is not in " + files.origin());
        }
        return new VerifiedStream(file.in(), content, files.origin());
    }

    static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
