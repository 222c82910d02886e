// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.files.UnnamedFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;

/// A layer that was written, in a file that has no name any more: it is gone when this is closed, or the JVM ends. An
/// [org.dolium.oci.blob.ImageSink] takes it from [#open].
public final class PackedLayer implements Closeable {
    private final FileChannel file;
    private final Descriptor descriptor;
    private final Digest diffId;
    private final PackReport report;

    private PackedLayer(FileChannel file, Descriptor descriptor, Digest diffId, PackReport report) {
        this.file = file;
        this.descriptor = descriptor;
        this.diffId = diffId;
        this.report = report;
    }

    PackedLayer withReport(PackReport other) {
        return new PackedLayer(file, descriptor, diffId, other);
    }

    /// Writes an archive.
    interface Writing {
        PackReport write(OutputStream archive) throws IOException;
    }

    /// @param directory where the file is, which takes as much space as the layer
    static PackedLayer write(Path directory, LayerCompression compression, boolean docker, Writing writing) throws IOException {
        FileChannel file = spool(directory);
        try {
            HashedOutput stored = new HashedOutput(new BufferedOutputStream(new Spool(file, directory), 1 << 17));
            OutputStream compressed = compression.to(stored);
            HashedOutput plain = new HashedOutput(compressed);
            PackReport report = writing.write(plain);
            compressed.close();
            return new PackedLayer(
                    file, Descriptor.of(compression.mediaType(docker), stored.digest(), stored.count()), plain.digest(), report);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static FileChannel spool(Path directory) throws IOException {
        try (UnnamedFile file = UnnamedFile.create(directory)) {
            return file.channel();
        }
    }

    /// Writes to the file, and says where it is if that fails, which is mostly for want of room.
    private static final class Spool extends OutputStream {
        private final OutputStream out;
        private final Path directory;

        Spool(FileChannel file, Path directory) {
            out = Channels.newOutputStream(file);
            this.directory = directory;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (ClosedChannelException e) { // an interrupt
                throw e;
            } catch (IOException e) {
                throw new IOException("the layer can't be kept in '" + directory + "' while it is made: " + e.getMessage(), e);
            }
        }
    }

    /// Type, digest and size of the layer as it is stored.
    public Descriptor descriptor() {
        return descriptor;
    }

    /// The digest of its archive.
    public Digest diffId() {
        return diffId;
    }

    public PackReport report() {
        return report;
    }

    /// The layer from its beginning. Several streams may be read at once.
    public VerifiedStream open() {
        return new VerifiedStream(new Reading(file), descriptor, "a layer that was just written");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static final class Reading extends InputStream {
        private final FileChannel file;
        private long at;

        Reading(FileChannel file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = file.read(ByteBuffer.wrap(bytes, offset, length), at);
            at += Math.max(read, 0);
            return read;
        }
    }
}
