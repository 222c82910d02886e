// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.jspecify.annotations.Nullable;

/// Takes over the blobs of a layout in a directory without copying them, where the file system can share their content or give a file a
/// second name. All of them are verified, and if one is changed later, that is found when it is read.
final class LinkingSink implements ImageSink {
    private static final int PART = 1 << 17;

    private final StoreFiles files;
    private final StoreSink sink;
    private final Path layout;
    private final long uid;

    LinkingSink(StoreFiles files, StoreSink sink, Path layout) throws IOException {
        this.files = files;
        this.sink = sink;
        this.layout = layout;
        uid = StoreFormat.uid();
    }

    @Override
    public boolean has(Descriptor content) throws IOException {
        return sink.has(content);
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        Work.File work = taken(content.descriptor().digest());
        if (work == null) {
            sink.put(content);
            return;
        }
        try (work) {
            verify(work.file(), content.descriptor());
            work.file().sync();
            sink.show(work, content.descriptor().digest());
        }
    }

    private void verify(OpenFile file, Descriptor expected) throws IOException {
        byte[] part = new byte[PART];
        try (VerifiedStream stream = new VerifiedStream(file.content(), expected, "'" + layout + "'")) {
            int read = stream.read(part, 0, PART);
            while (read >= 0) {
                read = stream.read(part, 0, PART);
            }
        }
    }

    private Work.@Nullable File taken(Digest digest) throws IOException {
        try (OpenDirectory root = OpenDirectory.open(layout);
                OpenDirectory blobs = root.tryDirectory(StoreFiles.BLOBS);
                OpenDirectory directory = blobs == null ? null : blobs.tryDirectory(digest.algorithm());
                OpenFile file = directory == null ? null : directory.tryFile(digest.hex())) {
            if (directory == null || file == null) {
                return null; // documents may be in a descriptor
            }
            Work.File shared = shared(file);
            return shared != null ? shared : Work.link(files, directory, digest.hex(), uid);
        }
    }

    private Work.@Nullable File shared(OpenFile file) throws IOException {
        Work.File work = Work.file(files, Work.BLOB);
        if (work.file().sharesContentOf(file)) {
            return work;
        }
        work.close();
        return null;
    }

    @Override
    public void publish(Descriptor root, List<String> names) throws IOException {
        sink.publish(root, names);
    }

    @Override
    public void finish() {}

    @Override
    public void close() throws IOException {
        sink.close();
    }
}
