// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageDocument;
import org.dolium.oci.image.Index;
import org.dolium.oci.image.MediaTypes;
import org.jspecify.annotations.Nullable;

/// An archive that is written: a layout of the OCI image specification, and where Docker shall load it, a `manifest.json` too, as
/// Docker's own archives have both. The same images in the same order give the same bytes. A file is there when it is whole.
final class ArchiveSink implements ImageSink {
    private final @Nullable NewFile file;
    private final TarArchiveOutputStream tar;
    private final @Nullable DockerTable table;
    private final Set<Digest> written = new HashSet<>();
    private final Map<Digest, ImageDocument> documents = new HashMap<>();
    private Index index = Index.of(List.of());
    private boolean broken;

    private ArchiveSink(OutputStream out, @Nullable NewFile file, @Nullable DockerTable table) {
        this.file = file;
        this.table = table;
        tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_ERROR);
    }

    static ArchiveSink of(Path target, @Nullable DockerTable table) throws IOException {
        NewFile file = new NewFile(target);
        return new ArchiveSink(file.output(), file, table);
    }

    /// @param out stays open
    static ArchiveSink of(OutputStream out, @Nullable DockerTable table) {
        return new ArchiveSink(out, null, table);
    }

    private String shown() {
        return file == null ? "the archive" : file.toString();
    }

    @Override
    public boolean has(Descriptor content) {
        return written.contains(content.digest());
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        Descriptor descriptor = content.descriptor();
        VerifiedStream source = content;
        if (MediaTypes.isDocument(descriptor.mediaType()) && descriptor.size() <= ImageDocument.LIMIT) {
            byte[] bytes = content.readAllBytes();
            documents.put(descriptor.digest(), parsed(bytes, descriptor.mediaType()));
            source = Contents.stream(descriptor, bytes);
        }
        if (written.contains(descriptor.digest())) {
            return;
        }
        entry(LayoutSource.path(descriptor.digest()), source);
        written.add(descriptor.digest());
    }

    private static ImageDocument parsed(byte[] bytes, String mediaType) throws IOException {
        try {
            return ImageDocument.parse(bytes, mediaType);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void entry(String name, VerifiedStream content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.descriptor().size());
        entry.setModTime(0);
        entry.setUserName("");
        entry.setGroupName("");
        entry.setMode(0100644);
        broken = true;
        tar.putArchiveEntry(entry);
        content.transferTo(tar);
        tar.closeArchiveEntry();
        broken = !content.isVerified();
    }

    private void entry(String name, byte[] bytes) throws IOException {
        entry(name, Contents.stream(Descriptor.of("application/json", bytes), bytes));
    }

    @Override
    public void publish(Descriptor root, List<String> names) throws IOException {
        ImageDocument document = documents.get(root.digest());
        if (document == null) {
            throw new NoSuchFileException(root.digest().toString(), null, "it is not in " + shown());
        }
        if (table != null) {
            table.add(document, names);
        }
        index = LayoutNames.with(index, root, names);
    }

    @Override
    public void finish() throws IOException {
        if (broken) {
            throw new IOException(shown() + " can't be finished: content that was written to it is wrong");
        }
        entry("oci-layout", LayoutNames.VERSION_FILE.getBytes(StandardCharsets.UTF_8));
        entry("index.json", index.toJson());
        if (table != null) {
            entry("manifest.json", table.toJson());
        }
        tar.finish();
        tar.flush();
        if (file != null) {
            file.show();
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
