// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// Regular files in an archive that is not compressed. Where links are allowed, one that names another file of the archive is that
/// file; no link ever leads to the file system.
final class TarFiles implements ImageFiles {
    private final Path file;
    private final boolean links;
    private final FileChannel channel;
    private final Map<String, TarIndex.Entry> entries;

    TarFiles(Path file, boolean links) throws IOException {
        this.file = file;
        this.links = links;
        if (!Files.isRegularFile(file)) {
            throw new IOException("'" + file + "' is no regular file");
        }
        channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            refuseCompressed();
            entries = TarIndex.read(channel);
        } catch (IOException e) {
            channel.close();
            throw new IOException("'" + file + "': " + e.getMessage(), e);
        }
    }

    private void refuseCompressed() throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(2);
        if (channel.read(magic, 0) == 2 && magic.getShort(0) == 0x1f8b) {
            throw new IOException("the archive is compressed; unpack it with gunzip first");
        }
    }

    @Override
    public String origin() {
        return "'" + file + "'";
    }

    @Override
    public @Nullable Content open(String path) throws IOException {
        TarIndex.Entry entry = entries.get(path);
        if (entry != null && entry.link() != null) {
            TarIndex.Entry other = links ? entries.get(target(path, entry.link())) : null;
            if (other == null || other.link() != null) {
                throw new IOException("'" + JsonPlace.shown(path, 200) + "' in " + origin() + " is no regular file");
            }
            entry = other;
        }
        return entry == null ? null : new Content(new Range(channel, entry.offset(), entry.size()), entry.size());
    }

    /// What a link in a directory of the archive means: `../x/layer.tar` in `y/layer.tar` is `x/layer.tar`.
    private static String target(String path, String link) {
        String directory = path.substring(0, path.lastIndexOf('/') + 1);
        return link.startsWith("../") && directory.indexOf('/') == directory.length() - 1
                ? link.substring(3)
                : directory + link;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /// A part of a file.
    private static final class Range extends InputStream {
        private final FileChannel channel;
        private final long end;
        private long at;

        Range(FileChannel channel, long from, long size) {
            this.channel = channel;
            at = from;
            end = from + size;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (at == end) {
                return -1;
            }
            int read = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - at)), at);
            at += Math.max(read, 0);
            return read;
        }
    }
}
